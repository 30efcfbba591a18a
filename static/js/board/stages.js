import { $, fill, h } from "../dom.js";
import { figures } from "../texts.js";
import { PHASES, waiting } from "./model.js";

/** The stages a plot goes through, with how many lie in each. */
export function createStages({ store }) {
  const { t, lang, codebook, roles } = store.get();
  const number = figures(lang);
  const mine = waiting(codebook.stages, roles);

  function item(stage, { n, overdue } = { n: 0, overdue: 0 }, chosen) {
    const said = [t(`stage.${stage}`), mine.includes(stage) ? t("board.mine") : null];
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          "data-do": "stage",
          "data-arg": stage,
          "aria-pressed": String(stage === chosen),
          class: mine.includes(stage) ? "is-mine" : null,
        },
        h("span", {}, said[0], said[1] ? h("span", { class: "vh" }, ` ${said[1]}`) : null),
        overdue ? h("em", { title: t("board.overdue") }, number(overdue)) : null,
        h("b", {}, number(n)),
      ),
    );
  }

  function show() {
    const { counts, wish } = store.get();
    fill(
      $("stages"),
      ...Object.entries(PHASES).map(([phase, stages]) =>
        h(
          "section",
          {},
          h("h2", {}, t(`board.phase.${phase}`)),
          h("ul", {}, ...stages.map((stage) => item(stage, counts[stage], wish.s))),
        ),
      ),
    );
    fill(
      $("stage"),
      ...Object.values(PHASES)
        .flat()
        .map((stage) =>
          h(
            "option",
            { value: stage, selected: stage === wish.s },
            `${t(`stage.${stage}`)} ${number(counts[stage]?.n ?? 0)}`,
          ),
        ),
    );
  }
  store.subscribe(["counts", "wish"], show);
  show();
}
