import {
  makeStyles,
  Spinner,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  ToolbarButton,
} from "@fluentui/react-components";
import { ArrowClockwiseRegular, DeleteRegular, PowerRegular } from "@fluentui/react-icons";
import { Suspense, useEffect, useRef, useState } from "react";
import { runCmdlet } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDate } from "../../base/format.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ObjectForm } from "../../widgets/form/object-form.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ToolRow } from "../../widgets/tool-row.tsx";
import { type DkimConfig, DnsMark, type DnsState } from "./dkim-dns.tsx";
import { type DkimKey, dkimKeys, dkimPhase } from "./dkim-rotation.ts";
import { DkimSteps } from "./dkim-steps.tsx";
import { texts } from "./dkim-texts.ts";

const DAY_MS = 24 * 3600 * 1000;
/** As long as mail may be on its way, and longer. */
const KEPT_MS = 7 * DAY_MS;

const useStyles = makeStyles({
  title: { margin: 0 },
});

const USES: Readonly<Record<DkimKey["use"], string>> = {
  signs: texts.usesigns,
  next: texts.usenext,
  past: texts.usepast,
};

/** A domain's keys, the state of DNS, and the steps to sign or to rotate. */
export function DkimPanel({ config }: { readonly config: DkimConfig }) {
  const styles = useStyles();
  const [, setState] = usePageState();
  const domain = config.Identity ?? "";
  const nowMs = serverNowMs();
  const keys = dkimKeys(config, nowMs);
  const phase = dkimPhase(config, nowMs);
  const { dns, look, isLooking, fault } = useDns(domain);
  const past = keys.filter(({ use }) => use === "past");
  const gone = new Date(Date.parse(config.RotateOnDate ?? "") + KEPT_MS);
  return (
    <DetailPanel
      title={domain}
      onClose={() => setState({ open: undefined })}
      actions={<DkimTools config={config} onLook={look} isLooking={isLooking} />}
    >
      {isLooking && <Spinner label={texts.checkDns} />}
      {fault && <FaultNotice fault={fault} />}
      <section>
        <Text as="h3" weight="semibold" block className={styles.title}>
          {texts.keys}
        </Text>
        <Keys keys={keys} dns={dns} isSigning={phase !== "new"} />
        {past.length > 0 && (
          <Text>
            {texts.cleanUp(
              past.map(({ selector }) => selector).join(", "),
              formatDate(gone.toISOString()),
            )}
          </Text>
        )}
      </section>
      <DkimSteps
        config={config}
        keys={keys}
        phase={phase}
        dns={dns}
        onLook={look}
        isLooking={isLooking}
      />
      <Suspense fallback={<Loading />}>
        <RotationSettings config={config} />
      </Suspense>
    </DetailPanel>
  );
}

/** Asks DNS when one wants it, and never by itself: it takes seconds. */
function useDns(domain: string) {
  const [dns, setDns] = useState<DnsState>();
  const [fault, setFault] = useState<Error>();
  const [isLooking, setLooking] = useState(false);
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const look = async () => {
    controller.current?.abort();
    const own = new AbortController();
    controller.current = own;
    setLooking(true);
    setFault(undefined);
    try {
      const call = { cmdlet: "Test-DnsRecords", parameters: { Domain: domain } } as const;
      const { objects } = await runCmdlet(call, { signal: own.signal });
      setDns(new Map(objects.map((one) => [one.Name ?? "", one] as const)));
    } catch (error) {
      if (own.signal.aborted) return;
      setFault(error instanceof Error ? error : new Error(String(error)));
    }
    setLooking(false);
  };
  return { dns, look: () => void look(), isLooking, fault };
}

function Keys(props: {
  readonly keys: readonly DkimKey[];
  readonly dns: DnsState;
  readonly isSigning: boolean;
}) {
  const { keys, dns, isSigning } = props;
  return (
    <Table size="small" aria-label={texts.keys}>
      <TableHeader>
        <TableRow>
          <TableHeaderCell>{texts.selector}</TableHeaderCell>
          <TableHeaderCell>{texts.kind}</TableHeaderCell>
          <TableHeaderCell>{texts.use}</TableHeaderCell>
          <TableHeaderCell>{texts.dns}</TableHeaderCell>
        </TableRow>
      </TableHeader>
      <TableBody>
        {keys.map(({ selector, kind, use, name }) => (
          <TableRow key={selector}>
            <TableCell>{selector}</TableCell>
            <TableCell>{kind}</TableCell>
            <TableCell>{use === "signs" && !isSigning ? texts.usewillSign : USES[use]}</TableCell>
            <TableCell>
              <DnsMark name={name} dns={dns} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function DkimTools(props: {
  readonly config: DkimConfig;
  readonly onLook: () => void;
  readonly isLooking: boolean;
}) {
  const { config, onLook, isLooking } = props;
  const mayRun = useMayRun();
  const [, setState] = usePageState();
  const [act, setAct] = useState<"off" | "remove">();
  const domain = config.Identity ?? "";
  const close = () => setAct(undefined);
  return (
    <ToolRow label={domain}>
      {mayRun("Test-DnsRecords") && (
        <ToolbarButton icon={<ArrowClockwiseRegular />} disabled={isLooking} onClick={onLook}>
          {texts.checkDns}
        </ToolbarButton>
      )}
      {config.Enabled === true && mayRun("Set-DkimSigningConfig") && (
        <ToolbarButton icon={<PowerRegular />} onClick={() => setAct("off")}>
          {texts.turnOff}
        </ToolbarButton>
      )}
      {mayRun("Remove-DkimSigningConfig") && (
        <ToolbarButton icon={<DeleteRegular />} onClick={() => setAct("remove")}>
          {texts.remove}
        </ToolbarButton>
      )}
      {act === "off" && (
        <RunDialog
          title={`${texts.turnOff}: ${domain}`}
          call={{
            cmdlet: "Set-DkimSigningConfig",
            parameters: { Identity: domain, Enabled: false },
          }}
          verb={texts.turnOff}
          onClose={close}
        />
      )}
      {act === "remove" && (
        <RunDialog
          title={`${texts.remove}: ${domain}`}
          call={{ cmdlet: "Remove-DkimSigningConfig", parameters: { Identity: domain } }}
          verb={texts.remove}
          onClose={({ isDone }) => {
            close();
            if (isDone) setState({ open: undefined });
          }}
        />
      )}
    </ToolRow>
  );
}

/** How often keys are replaced by themselves. */
function RotationSettings({ config }: { readonly config: DkimConfig }) {
  const mayRun = useMayRun();
  const [edition, setEdition] = useState(0);
  if (!mayRun("Set-DkimSigningConfig")) return null;
  return (
    <ObjectForm
      key={`${edition} ${config.RotationInterval}`}
      cmdlet="Set-DkimSigningConfig"
      object={{ ...config }}
      sections={[{ title: texts.autoRotation, fields: ["RotationInterval"] }]}
      except={[
        ...["Name", "Enabled", "RsaKey", "Ed25519Key", "RotateOnDate"],
        ...["NextRsaKey", "NextEd25519Key", "Force"],
      ]}
      onCancel={() => setEdition((before) => before + 1)}
      onDone={() => setEdition((before) => before + 1)}
    />
  );
}
