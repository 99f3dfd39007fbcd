import {
  Button,
  Field,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  Textarea,
} from "@fluentui/react-components";
import { type ChangeEvent, useEffect, useRef, useState } from "react";
import { textOf } from "../../base/text-of.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { RunDialog, Warnings } from "../../widgets/run-dialog.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useStream } from "../../widgets/use-stream.ts";
import { Section } from "./section.tsx";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  tools: { display: "flex", flexWrap: "wrap", gap: "8px" },
  file: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  text: { fontFamily: "monospace" },
  kept: { overflowWrap: "anywhere" },
  cell: { overflowWrap: "anywhere", verticalAlign: "top", padding: "4px 8px" },
});

/** A configuration that comes from elsewhere on the page. */
export interface GivenFile {
  readonly name: string;
  readonly text: string;
}

/** What a file says other than what is stored, and the way to put it in. */
export function CompareSection({ given }: { readonly given: GivenFile | undefined }) {
  const styles = useStyles();
  const [{ name, text }, setFile] = useState<GivenFile>({ name: "configuration", text: "" });
  const [isAsking, setAsking] = useState(false);
  const stream = useStream();
  const { kind, objects, warnings, progress, fault } = stream.state;
  const { start } = stream;
  const changes = objects.filter(({ Change }) => Change !== "Kept");
  const kept = objects.filter(({ Change }) => Change === "Kept");
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (given === undefined) return;
    setFile(given);
    start(compareCall(given));
    button.current?.focus();
  }, [given, start]);
  const compare = compareCall({ name, text });
  return (
    <Section title={texts.compareTitle} about={texts.compareAbout}>
      <FileChoice onRead={setFile} />
      <Field label={texts.fileText}>
        <Textarea
          className={styles.text}
          rows={8}
          resize="vertical"
          spellCheck={false}
          value={text}
          onChange={(_event, data) => setFile({ name, text: data.value })}
        />
      </Field>
      <div className={styles.tools}>
        <Button
          ref={button}
          appearance="primary"
          disabledFocusable={text.trim() === "" || kind === "running"}
          onClick={() => stream.start(compare)}
        >
          {texts.compare}
        </Button>
        {kind === "done" && changes.length > 0 && (
          <Button onClick={() => setAsking(true)}>{texts.apply}</Button>
        )}
        <ShowCmdlet call={compare} />
      </div>
      {kind === "running" && <RunProgress progress={progress} onCancel={stream.cancel} />}
      {fault && <FaultNotice fault={fault} />}
      <Warnings warnings={warnings} />
      <Comparison isWhole={kind === "done"} changes={changes} kept={kept} />
      {isAsking && (
        <RunDialog
          title={texts.applyTitle}
          call={{
            cmdlet: "Import-PostriderConfiguration",
            parameters: { FileData: text, FileName: name },
          }}
          verb={texts.apply}
          onClose={({ isDone }) => {
            setAsking(false);
            if (isDone) stream.start(compare);
          }}
        />
      )}
    </Section>
  );
}

function FileChoice({ onRead }: { readonly onRead: (file: GivenFile) => void }) {
  const styles = useStyles();
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = event.target.files ?? [];
    if (file !== undefined) onRead({ name: file.name, text: await file.text() });
  };
  return (
    <label className={styles.file}>
      {texts.chooseFile}
      <input type="file" accept=".yaml,.yml" onChange={(event) => void read(event)} />
    </label>
  );
}

function compareCall({ name, text }: GivenFile) {
  const parameters = { FileData: text, FileName: name, DryRun: true, IncludeKept: true };
  return { cmdlet: "Import-PostriderConfiguration", parameters };
}

type Rows = readonly Readonly<Record<string, unknown>>[];

function Comparison(props: {
  readonly isWhole: boolean;
  readonly changes: Rows;
  readonly kept: Rows;
}) {
  const { isWhole, changes, kept } = props;
  return (
    <>
      {isWhole && (
        <Text role="status" weight="semibold">
          {changes.length === 0 ? texts.noDifference : texts.differences(changes.length)}
        </Text>
      )}
      {changes.length > 0 && <Differences changes={changes} />}
      {kept.length > 0 && <Kept objects={kept} />}
    </>
  );
}

/** What was made since, or never belonged to the file. */
function Kept({ objects }: { readonly objects: Rows }) {
  const styles = useStyles();
  return (
    <details>
      <summary>{texts.kept(objects.length)}</summary>
      <ul>
        {objects.map(({ Kind, Name }) => (
          <li key={`${Kind} ${Name}`} className={styles.kept}>
            {String(Kind)} <bdi>{visibleText(textOf(Name ?? ""))}</bdi>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Differences(props: { readonly changes: Rows }) {
  const styles = useStyles();
  return (
    <Table size="small" aria-label={texts.properties}>
      <TableHeader>
        <TableRow>
          {[texts.change, texts.kind, texts.name, texts.properties].map((title) => (
            <TableHeaderCell key={title}>{title}</TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {props.changes.map((change) => {
          const { Change, Kind, Name, Properties } = change;
          const lines = Array.isArray(Properties) ? Properties.map(String) : [];
          return (
            <TableRow key={`${Kind} ${Name}`}>
              <TableCell className={styles.cell}>{String(Change)}</TableCell>
              <TableCell className={styles.cell}>{String(Kind)}</TableCell>
              <TableCell className={styles.cell}>
                <bdi>{visibleText(textOf(Name ?? ""))}</bdi>
              </TableCell>
              <TableCell className={styles.cell}>
                {lines.map((line) => (
                  <div key={line}>
                    <bdi>{visibleText(line)}</bdi>
                  </div>
                ))}
              </TableCell>
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}
