import { Button, makeStyles, Text } from "@fluentui/react-components";
import {
  AddRegular,
  ArrowDownloadRegular,
  ArrowUploadRegular,
  BeakerRegular,
} from "@fluentui/react-icons";
import { useMemo } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { missingPanel } from "../../widgets/missing-panel.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { formatValue } from "../../widgets/property-list.tsx";
import { SearchField } from "../../widgets/search-field.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useEdited } from "../../widgets/use-edited.ts";
import { exportRules } from "./export-rules.ts";
import { ImportPanel } from "./import-panel.tsx";
import { type Rule, RuleList } from "./rule-list.tsx";
import { NewRulePanel, RulePanel } from "./rule-panel.tsx";
import { TestPanel } from "./test-panel.tsx";
import { texts } from "./texts.ts";
import { ALL_RULES, inOrder, useRuleActs } from "./use-rule-acts.ts";
import { type RuleParts, useRuleParts } from "./use-rule-parts.ts";

/** Hits are live figures. */
const REFRESH_MS = 10_000;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
});

/** Mail flow rules: their order, a builder, a test against a message, import and export. */
export function RulesPage() {
  const styles = useStyles();
  const reading = useCmdlet(ALL_RULES, { refreshMs: REFRESH_MS });
  const { parts, fault } = useRuleParts();
  const rules = useMemo(() => inOrder(reading.data?.objects), [reading.data]);
  const problem = reading.error ?? fault;
  return (
    <div className={styles.root}>
      <RulesHeader />
      {problem && <FaultNotice fault={problem} onRetry={() => void reading.refetch()} />}
      {reading.data && parts ? (
        <Rules rules={rules} parts={parts} />
      ) : (
        problem === null && <Loading />
      )}
    </div>
  );
}

function RulesHeader() {
  const [, setState] = usePageState();
  const mayRun = useMayRun();
  const notify = useNotify();
  const save = async () => {
    try {
      await exportRules();
      notify({ title: texts.exported });
    } catch (error) {
      notify({ title: error instanceof Error ? error.message : String(error), intent: "error" });
    }
  };
  return (
    <PageHeader title={texts.rules} about={texts.about}>
      {mayRun("New-TransportRule") && <NewRuleButton />}
      {mayRun("Test-Message") && (
        <Button
          icon={<BeakerRegular />}
          onClick={() => setState({ mode: "test", open: undefined })}
        >
          {texts.test}
        </Button>
      )}
      {mayRun("Import-TransportRuleCollection") && (
        <Button
          appearance="subtle"
          icon={<ArrowUploadRegular />}
          onClick={() => setState({ mode: "import", open: undefined })}
        >
          {texts.import}
        </Button>
      )}
      {mayRun("Export-TransportRuleCollection") && (
        <Button appearance="subtle" icon={<ArrowDownloadRegular />} onClick={() => void save()}>
          {texts.export}
        </Button>
      )}
      <ShowCmdlet call={{ cmdlet: "Get-TransportRule", parameters: {} }} />
    </PageHeader>
  );
}

function NewRuleButton() {
  const [, setState] = usePageState();
  return (
    <Button
      appearance="primary"
      icon={<AddRegular />}
      onClick={() => setState({ mode: "new", open: undefined })}
    >
      {texts.newRule}
    </Button>
  );
}

function Rules({ rules, parts }: { readonly rules: readonly Rule[]; readonly parts: RuleParts }) {
  const [state, setState] = usePageState();
  const mayRun = useMayRun();
  const { move, switchRule, fault } = useRuleActs(rules);
  const { search = "", open } = state;
  const shown = useMemo(() => filterRules(rules, search), [rules, search]);
  const opened = useEdited({
    name: open,
    found: rules.find((rule) => rule.Identity === open),
    isEditing: state["mode"] === "edit",
  });
  if (rules.length === 0 && state["mode"] === undefined) {
    return (
      <EmptyState
        title={texts.noRules}
        action={mayRun("New-TransportRule") ? <NewRuleButton /> : undefined}
      >
        {texts.noRulesHint}
      </EmptyState>
    );
  }
  const mayChange = mayRun("Set-TransportRule", "Enable-TransportRule", "Disable-TransportRule");
  const list = (
    <>
      <SearchField
        value={search}
        onSearch={(text) => setState({ search: text }, { isReplacing: true })}
      />
      {fault && <FaultNotice fault={fault} />}
      {shown.length === 0 && rules.length > 0 ? (
        <EmptyState title={texts.noMatch} />
      ) : (
        <RuleList
          rules={shown}
          parts={parts}
          openName={open ?? state["mode"]}
          isFiltered={shown.length !== rules.length}
          mayChange={mayChange}
          onOpen={(name) => setState({ open: name, mode: undefined })}
          onMove={(to) => void move(to)}
          onSwitch={(rule) => void switchRule(rule)}
        />
      )}
      {mayChange && rules.length > 1 && <Text size={200}>{texts.moveHint}</Text>}
    </>
  );
  return <SplitView list={list} detail={detailOf({ ...state, opened, rules, parts })} />;
}

/** What stands beside the list; `undefined`: nothing. */
function detailOf(of: {
  readonly mode?: string | undefined;
  readonly open?: string | undefined;
  readonly opened: Rule | undefined;
  readonly rules: readonly Rule[];
  readonly parts: RuleParts;
}) {
  const { mode, open, opened, rules, parts } = of;
  if (mode === "test") return <TestPanel rules={rules} parts={parts} />;
  if (mode === "import") return <ImportPanel />;
  if (mode === "new" || mode === "copy") {
    return <NewRulePanel key={mode} parts={parts} original={opened} />;
  }
  if (opened === undefined) return missingPanel(open);
  return <RulePanel key={opened.Identity} rule={opened} rules={rules} parts={parts} />;
}

function filterRules(rules: readonly Rule[], search: string): readonly Rule[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rules;
  return rules.filter((rule) => {
    const text = formatValue(rule).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
