import { Button, Field, Input, makeStyles, Select } from "@fluentui/react-components";
import { SearchRegular } from "@fluentui/react-icons";
import { type FormEvent, useState } from "react";
import { type PageState, usePageState } from "../../widgets/page-state.ts";
import { parseSearch, SEARCH_CHARACTERS_MAX, SEARCH_KINDS } from "./search-text.ts";
import { isoOfLocal, localOfIso } from "./span-text.ts";
import { texts } from "./texts.ts";
import { RANGES, rangeOf, STATUS_FILTERS } from "./trace-search.ts";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: "8px", paddingBottom: "12px" },
  line: { display: "flex", gap: "8px", alignItems: "end", flexWrap: "wrap" },
  box: { flexGrow: 1, minWidth: "200px" },
  select: { flexBasis: "200px", flexGrow: 1, minWidth: 0, maxWidth: "320px" },
});

/** Everything that a search is made of. */
type Draft = Readonly<Record<"search" | "as" | "range" | "from" | "to" | "status", string>>;

function draftOf(state: PageState): Draft {
  const { search = "", as = "", range = "", from = "", to = "", status = "" } = state;
  return { search, as, range, from, to, status };
}

/** Writes a draft into the address, where what says nothing is left out. */
function stateOf(draft: Draft): PageState {
  const { search, as, range, from, to, status } = draft;
  const isCustom = range === "custom";
  return {
    search,
    as: as || undefined,
    range: range || undefined,
    from: (isCustom && from) || undefined,
    to: (isCustom && to) || undefined,
    status: status || undefined,
  };
}

/** The box that understands what is pasted into it, and what narrows the search down. */
export function SearchForm(props: {
  readonly seesSubjects: boolean;
  /** The same search once more. */
  readonly onAgain: () => void;
}) {
  const { seesSubjects, onAgain } = props;
  const styles = useStyles();
  const [state, setState] = usePageState();
  const committed = draftOf(state);
  const [draft, setDraft] = useState(committed);
  const commit = (next: Draft) => {
    setDraft(next);
    if (state["search"] !== undefined && JSON.stringify(next) === JSON.stringify(committed)) {
      onAgain();
    }
    setState(stateOf(next));
  };
  /** Once there is a search, what narrows it down does so at once. */
  const choose = (change: Partial<Draft>) => {
    const next = { ...draft, ...change };
    if (state["search"] === undefined || next.range === "custom") setDraft(next);
    else commit(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    commit(draft);
  };
  return (
    <search>
      <form className={styles.form} onSubmit={submit}>
        <div className={styles.line}>
          <Field className={styles.box} label={texts.searchLabel}>
            <Input
              autoFocus
              type="search"
              value={draft.search}
              maxLength={SEARCH_CHARACTERS_MAX}
              placeholder={texts.searchHint}
              contentBefore={<SearchRegular aria-hidden />}
              // A new text is looked at anew.
              onChange={(_event, { value }) => setDraft({ ...draft, search: value, as: "" })}
            />
          </Field>
          <Button type="submit" appearance="primary">
            {texts.search}
          </Button>
        </div>
        <Conditions draft={draft} seesSubjects={seesSubjects} onChoose={choose} />
      </form>
    </search>
  );
}

function Conditions(props: {
  readonly draft: Draft;
  readonly seesSubjects: boolean;
  readonly onChoose: (change: Partial<Draft>) => void;
}) {
  const { draft, seesSubjects, onChoose } = props;
  const styles = useStyles();
  const recognised = parseSearch(draft.search)?.kind;
  const kind = SEARCH_KINDS.find((one) => one === draft.as) ?? recognised;
  const range = draft.range || rangeOf(kind);
  return (
    <div className={styles.line}>
      <Field className={styles.select} label={texts.lookFor}>
        <Select
          value={draft.as}
          disabled={recognised === undefined}
          onChange={(_event, { value }) => onChoose({ as: value })}
        >
          <option value="">{texts.automatic(recognised)}</option>
          {SEARCH_KINDS.filter((one) => one !== "subject" || seesSubjects).map((one) => (
            <option key={one} value={one}>
              {texts.kind(one)}
            </option>
          ))}
        </Select>
      </Field>
      <Field className={styles.select} label={texts.range}>
        <Select value={range} onChange={(_event, { value }) => onChoose({ range: value })}>
          {RANGES.map((one) => (
            <option key={one} value={one}>
              {texts.rangeName(one)}
            </option>
          ))}
        </Select>
      </Field>
      {range === "custom" && (
        <>
          <TimeField
            label={texts.from}
            iso={draft.from}
            onChange={(from) => onChoose({ from, range })}
          />
          <TimeField label={texts.to} iso={draft.to} onChange={(to) => onChoose({ to, range })} />
        </>
      )}
      <Field className={styles.select} label={texts.status}>
        <Select value={draft.status} onChange={(_event, { value }) => onChoose({ status: value })}>
          <option value="">{texts.anyStatus}</option>
          {STATUS_FILTERS.map((one) => (
            <option key={one} value={one}>
              {texts.statusFilter(one)}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}

function TimeField(props: {
  readonly label: string;
  readonly iso: string;
  readonly onChange: (iso: string) => void;
}) {
  const { label, iso, onChange } = props;
  return (
    <Field label={label}>
      <Input
        type="datetime-local"
        value={localOfIso(iso)}
        onChange={(_event, { value }) => onChange(isoOfLocal(value))}
      />
    </Field>
  );
}
