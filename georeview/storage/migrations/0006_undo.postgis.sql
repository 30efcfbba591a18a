UPDATE plot_state SET undo = (
    SELECT json_agg(p.value ORDER BY p.ordinality)::text
    FROM json_array_elements(plot_state.undo::json) WITH ORDINALITY p
    WHERE p.ordinality > json_array_length(plot_state.undo::json) - 3)
WHERE json_array_length(undo::json) > 3;
