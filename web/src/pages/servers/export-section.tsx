import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useEffect, useRef } from "react";
import { textOf } from "../../base/text-of.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useStream } from "../../widgets/use-stream.ts";
import { Section } from "./section.tsx";
import { texts } from "./texts.ts";

const CALL = { cmdlet: "Export-PostriderConfiguration", parameters: {} } as const;
const FILE_NAME = "postrider.yaml";

/** Writes the whole configuration to a file of the reader's. */
export function ExportSection() {
  const notify = useNotify();
  const { state, start, cancel } = useStream();
  const { kind, objects, progress, fault } = state;
  const saved = useRef<typeof objects>(undefined);
  useEffect(() => {
    if (kind !== "done" || saved.current === objects) return;
    saved.current = objects;
    saveFile(objects.map((one) => textOf(one["Text"] ?? "")));
    notify({ title: texts.exported(FILE_NAME) });
  }, [kind, objects, notify]);
  return (
    <Section title={texts.exportTitle} about={texts.exportAbout}>
      {fault && <FaultNotice fault={fault} />}
      {kind === "running" && <RunProgress progress={progress} onCancel={cancel} />}
      <div>
        <Button
          icon={<ArrowDownloadRegular />}
          disabled={kind === "running"}
          onClick={() => start(CALL)}
        >
          {texts.exportVerb}
        </Button>
        <ShowCmdlet call={CALL} />
      </div>
    </Section>
  );
}

/** The browser's own way to a file: a link to what is in memory, gone when it was taken. */
function saveFile(pieces: readonly string[]): void {
  const address = URL.createObjectURL(new Blob([...pieces], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = FILE_NAME;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
