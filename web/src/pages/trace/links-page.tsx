import { Button, makeStyles, Text } from "@fluentui/react-components";
import { DeleteRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { useSelection } from "../../widgets/selection.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts as shared } from "../../widgets/texts.ts";
import { texts } from "./texts.ts";

type Shared = OutputOf<"Get-MessageTraceLink">;

const CALL = { cmdlet: "Get-MessageTraceLink", parameters: {} } as const;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", gap: "8px", alignItems: "center", minHeight: "40px" },
});

const COLUMNS: readonly Column<Shared>[] = [
  {
    ...{ key: "message", title: texts.linkMessage, width: "minmax(120px, 2fr)", priority: 1 },
    render: ({ MessageTraceId }) => (
      <PageLink to={`/trace/${MessageTraceId}`}>{MessageTraceId}</PageLink>
    ),
  },
  {
    ...{ key: "for", title: texts.shareWhat, width: "minmax(120px, 2fr)", priority: 3 },
    render: ({ RecipientAddress }) =>
      RecipientAddress === null ? (
        texts.shareWhole
      ) : (
        <bdi>{texts.shareOnly(visibleText(RecipientAddress))}</bdi>
      ),
  },
  {
    ...{ key: "who", title: texts.shareWho, width: "minmax(100px, 1fr)", priority: 2 },
    render: ({ Anonymous }) => (Anonymous ? texts.shareAnyone : texts.shareSignedIn),
  },
  {
    ...{ key: "by", title: texts.linkBy, width: "minmax(80px, 1fr)", priority: 1 },
    render: ({ CreatedBy }) => <bdi>{visibleText(CreatedBy ?? "")}</bdi>,
  },
  {
    ...{ key: "until", title: texts.linkUntil, width: "170px", priority: 2 },
    render: ({ ExpirationDate }) => formatDateTime(ExpirationDate ?? ""),
  },
];

/** The links to stories that are good, and the way to call them back. */
export function LinksPage() {
  const styles = useStyles();
  const mayRemove = useMayRun()("Remove-MessageTraceLink");
  const selection = useSelection();
  const reading = useCmdlet(CALL);
  const links = reading.data?.objects ?? [];
  // One that has ended, or that somebody else has called back, is no longer chosen.
  const chosen = links
    .flatMap(({ Identity }) => Identity ?? [])
    .filter((id) => selection.keys.has(id));
  return (
    <div className={styles.root}>
      <PageHeader title={texts.links} about={texts.linksAbout}>
        <ShowCmdlet call={CALL} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && (
        <>
          <CallBack identities={chosen} onDone={() => selection.set([])} />
          <DataTable
            label={texts.links}
            columns={COLUMNS}
            rows={arrayRows(links)}
            keyOf={({ Identity }) => Identity ?? ""}
            nameOf={(one) => texts.linkNamed(one.MessageTraceId ?? "", one.CreatedBy ?? "")}
            {...(mayRemove && { selection })}
            empty={<EmptyState title={texts.noLink}>{texts.noLinkHint}</EmptyState>}
          />
        </>
      )}
    </div>
  );
}

function CallBack(props: { readonly identities: readonly string[]; readonly onDone: () => void }) {
  const { identities, onDone } = props;
  const styles = useStyles();
  const [isAsking, setAsking] = useState(false);
  if (identities.length === 0) return null;
  return (
    <div className={styles.tools}>
      <Text>{texts.linksChosen(identities.length)}</Text>
      <Button icon={<DeleteRegular />} onClick={() => setAsking(true)}>
        {texts.linkRemove}
      </Button>
      {isAsking && (
        <RunDialog
          title={texts.linkRemove}
          call={{ cmdlet: "Remove-MessageTraceLink", parameters: { Identity: identities } }}
          verb={shared.remove}
          onClose={({ isDone }) => {
            setAsking(false);
            if (isDone) onDone();
          }}
        />
      )}
    </div>
  );
}
