UPDATE plot_state SET undo = (
    SELECT json_group_array(json(p.value)) FROM (
        SELECT e.value FROM json_each(plot_state.undo) e
        WHERE e.key >= json_array_length(plot_state.undo) - 3 ORDER BY e.key) p)
WHERE json_array_length(undo) > 3;
