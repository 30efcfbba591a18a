import { $, fill, h } from "./dom.js";

const SELECTED = ["county", "township", "stage", "determination", "reason"];

/** What the export form asks for, and what there is to choose from in it. */
export function createExportForm({ store, view }) {
  const { t } = store.get();
  const form = $("export-form");
  const field = (name) => form.elements.namedItem(name);
  const ticked = (name) => field(name).checked && !field(name).disabled;

  /** The conditions, under the names of ``POST /exports``. */
  function conditions() {
    const { wish, codebook } = store.get();
    const chosen = new FormData(form);
    const listed = codebook.marks.filter((style) => style.code === wish.mark);
    const { stage, ...selected } = Object.fromEntries(
      SELECTED.map((name) => [name, chosen.get(name) || null]),
    );
    return {
      ...selected,
      stage: stage ? [stage] : [],
      mark: ticked("listed") ? listed.map((style) => style.mark) : chosen.getAll("mark"),
      q: (ticked("listed") && wish.q) || null,
      bbox: ticked("shown") ? view.bounds().join() : null,
      overdue: ticked("overdue"),
      assignee: field("assignee").value.trim() || null,
      filter: field("filter").value.trim() || null,
    };
  }

  /** All that is asked for. */
  const wanted = () => ({
    batch: store.get().batch,
    ...Object.fromEntries(["format", "encoding", "crs"].map((name) => [name, field(name).value])),
    ...conditions(),
    pictures: ticked("pictures"),
    personal: ticked("personal"),
  });

  /** Offer what the format can do, and nothing else. */
  function offer() {
    const { encodings, systems, pictures } = field("format").selectedOptions[0].dataset;
    limit(field("encoding"), encodings.split(" "));
    limit(field("crs"), systems.split(" "));
    field("pictures").disabled = !pictures;
  }

  /** Counties of the batch, and the townships of the one that is chosen. */
  function places() {
    const { rows } = store.get();
    if (!rows) return;
    const { place_names: names } = rows;
    const all = (codes) => [...new Set(codes)].filter(Boolean).sort();
    choices(field("county"), all(rows.county), names);
    const within = field("county").value;
    choices(
      field("township"),
      all(rows.township).filter((code) => code.startsWith(within)),
      names,
    );
  }

  function choices(select, codes, names) {
    const { value } = select;
    const option = (code, name) => h("option", { value: code }, name);
    fill(select, option("", t("ui.export.all")), ...codes.map((c) => option(c, names[c] ?? c)));
    select.value = codes.includes(value) ? value : "";
    select.disabled = codes.length === 0;
  }

  field("format").addEventListener("change", offer);
  field("county").addEventListener("change", places);
  field("listed").addEventListener("change", ({ target }) => {
    for (const box of $("export-marks").querySelectorAll("input")) box.disabled = target.checked;
  });
  offer();

  return { wanted, places };
}

/** Leave only what is possible to choose from. */
function limit(select, possible) {
  for (const option of select.options) option.disabled = !possible.includes(option.value);
  if (select.selectedOptions[0].disabled) select.value = possible[0];
  select.disabled = possible.length < 2;
}
