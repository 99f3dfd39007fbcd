import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  ToolbarButton,
  Tooltip,
} from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import type { Progress } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { downloadOutput } from "../../widgets/download.ts";
import { useFocusBack } from "../../widgets/focus-back.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { texts } from "./texts.ts";

/** Saves messages: one as it is, several as an archive. */
export function ExportButton(props: {
  readonly identities: readonly string[];
  /** Why it cannot be done now. */
  readonly hint?: string | undefined;
}) {
  const { identities, hint } = props;
  const mayRun = useMayRun();
  const [isSaving, setSaving] = useState(false);
  if (!mayRun("Export-Message")) return null;
  const isReady = hint === undefined;
  const button = (
    <ToolbarButton
      icon={<ArrowDownloadRegular />}
      disabledFocusable={!isReady}
      onClick={() => isReady && setSaving(true)}
    >
      {texts.exportOne}
    </ToolbarButton>
  );
  return (
    <>
      {isReady ? (
        button
      ) : (
        <Tooltip content={hint} relationship="description">
          {button}
        </Tooltip>
      )}
      {isSaving && <Saving identities={identities} onClose={() => setSaving(false)} />}
    </>
  );
}

/** How far it has come, with the way to stop it. */
function Saving(props: { readonly identities: readonly string[]; readonly onClose: () => void }) {
  const notify = useNotify();
  useFocusBack();
  const [progress, setProgress] = useState<Progress>();
  const controller = useRef<AbortController>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const own = new AbortController();
    controller.current = own;
    const { identities, onClose } = latest.current;
    const name = fileName(identities);
    const call = { cmdlet: "Export-Message", parameters: { Identity: identities } };
    const save = async () => {
      try {
        const file = { name, content: "Content" };
        await downloadOutput(call, file, { signal: own.signal, onProgress: setProgress });
        notify({ title: texts.exported(name) });
      } catch (error) {
        if (own.signal.aborted) return;
        notify({ title: error instanceof Error ? error.message : String(error), intent: "error" });
      }
      onClose();
    };
    void save();
    return () => own.abort();
  }, [notify]);
  const cancel = () => {
    controller.current?.abort();
    props.onClose();
  };
  return (
    <Dialog open onOpenChange={cancel}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{texts.exportOne}</DialogTitle>
          <DialogContent>
            <RunProgress progress={progress} onCancel={cancel} />
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function fileName(identities: readonly string[]): string {
  const [only] = identities;
  if (identities.length > 1 || only === undefined) return "messages.zip";
  return `${only.replaceAll("\\", "-")}.eml`;
}
