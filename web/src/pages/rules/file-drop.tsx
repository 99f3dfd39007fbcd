import { Button, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { DocumentRegular } from "@fluentui/react-icons";
import { type DragEvent, useRef, useState } from "react";
import { formatBytes } from "../../base/format.ts";
import { CHOSEN } from "../../widgets/marked-style.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: {
    position: "relative",
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px",
    padding: "12px",
    border: `1px dashed ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  over: CHOSEN,
  words: { overflowWrap: "anywhere" },
});

/** A file that the reader has chosen. */
export interface ChosenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Takes a file by dropping it or by choosing it. */
export function FileDrop(props: {
  /** Endings that are offered: `.eml`. */
  readonly accept: string;
  readonly bytesMax: number;
  readonly file: ChosenFile | undefined;
  readonly onFile: (file: ChosenFile) => void;
}) {
  const { accept, bytesMax, file, onFile } = props;
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [isTooLarge, setTooLarge] = useState(false);
  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    setTooLarge(chosen.size > bytesMax);
    if (chosen.size > bytesMax) return;
    onFile({ name: chosen.name, bytes: new Uint8Array(await chosen.arrayBuffer()) });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <div
      role="group"
      aria-label={texts.dropHere}
      className={mergeClasses(styles.root, isOver && styles.over)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Text>{texts.dropHere}</Text>
      <Button icon={<DocumentRegular />} onClick={() => input.current?.click()}>
        {texts.chooseFile}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          // The same file again is a choice, too.
          event.target.value = "";
        }}
      />
      {file && (
        <Text className={styles.words}>
          <bdi>{texts.chosenFile(file.name, formatBytes(file.bytes.length))}</bdi>
        </Text>
      )}
      {isTooLarge && <Text role="alert">{texts.fileTooLarge(formatBytes(bytesMax))}</Text>}
    </div>
  );
}
