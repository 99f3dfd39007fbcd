import {
  Button,
  Field,
  makeStyles,
  mergeClasses,
  Select,
  Slider,
  Text,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowNextRegular,
  ArrowPreviousRegular,
  ChevronLeftRegular,
  ChevronRightRegular,
  PauseRegular,
  PlayRegular,
} from "@fluentui/react-icons";
import { Suspense, useEffect, useMemo, useState } from "react";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { visibleText } from "../../base/visible-text.ts";
import { CHOSEN } from "../../widgets/marked-style.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { ToolRow } from "../../widgets/tool-row.tsx";
import { type ConversationLine, readConversation, waitBefore } from "./conversation.ts";
import { texts } from "./texts.ts";

const SPEEDS = [1, 4, 20];
const FACTS = [
  ...["Reason", "Direction", "ConnectorId", "RemoteEndpoint", "LocalEndpoint", "StartTime"],
  ...["Duration", "Identity"],
];

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: "8px",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
  line: {
    position: "relative",
    display: "grid",
    gridTemplateColumns: "64px 84px minmax(0, 1fr)",
    gap: "6px",
    padding: "2px 4px",
    overflowWrap: "anywhere",
    "@media (max-width: 639px)": { gridTemplateColumns: "64px minmax(0, 1fr)" },
  },
  text: { "@media (max-width: 639px)": { gridColumn: "1 / -1" } },
  time: { color: tokens.colorNeutralForeground2, textAlign: "end" },
  current: CHOSEN,
  later: { color: tokens.colorNeutralForeground3 },
  tools: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "8px" },
  speed: { width: "110px" },
  slider: { width: "100%" },
});

/** Plays a recorded session back: line by line, with the times that it had. */
export function RecordingPlayer({
  recording,
}: {
  readonly recording: OutputOf<"Get-SessionRecording">;
}) {
  const styles = useStyles();
  const lines = useMemo(
    () => readConversation(recording.Conversation ?? []),
    [recording.Conversation],
  );
  const player = usePlayer(lines);
  const { at, setAt } = player;
  return (
    <>
      <Suspense>
        <PropertyList cmdlet="Get-SessionRecording" object={recording} names={FACTS} />
      </Suspense>
      <PlayerTools player={player} count={lines.length} />
      <Slider
        className={styles.slider}
        aria-label={texts.conversation}
        min={1}
        max={Math.max(1, lines.length)}
        value={at}
        onChange={(_event, { value }) => setAt(value)}
      />
      <ol className={styles.list} aria-label={texts.conversation}>
        {lines.map((line, index) => (
          <Line
            // Lines have no names; they never change.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={index}
            line={line}
            isCurrent={index === at - 1}
            isLater={index >= at}
          />
        ))}
      </ol>
    </>
  );
}

/** Where playing is; `at` lines have been said. All of them at the beginning, to be read. */
function usePlayer(lines: readonly ConversationLine[]) {
  const [at, setAt] = useState(lines.length);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const isOver = at >= lines.length;
  useEffect(() => {
    if (!isPlaying) return undefined;
    if (isOver) {
      setPlaying(false);
      return undefined;
    }
    const timer = setTimeout(() => setAt(at + 1), waitBefore(lines, at, speed));
    return () => clearTimeout(timer);
  }, [isPlaying, isOver, at, lines, speed]);
  const toggle = () => {
    if (!isPlaying && isOver) setAt(1);
    setPlaying(!isPlaying);
  };
  const move = (place: number) => {
    setPlaying(false);
    setAt(Math.max(1, Math.min(place, lines.length)));
  };
  return { at, setAt: move, isPlaying, toggle, speed, setSpeed };
}

function PlayerTools(props: {
  readonly player: ReturnType<typeof usePlayer>;
  readonly count: number;
}) {
  const { player, count } = props;
  const { at, setAt, isPlaying, toggle, speed, setSpeed } = player;
  const styles = useStyles();
  return (
    <div className={styles.tools}>
      <ToolRow label={texts.play}>
        <Button
          appearance="primary"
          icon={isPlaying ? <PauseRegular /> : <PlayRegular />}
          onClick={toggle}
        >
          {isPlaying ? texts.pause : texts.play}
        </Button>
        <Button
          appearance="subtle"
          aria-label={texts.toStart}
          icon={<ArrowPreviousRegular />}
          onClick={() => setAt(1)}
        />
        <Button
          appearance="subtle"
          aria-label={texts.stepBack}
          icon={<ChevronLeftRegular />}
          onClick={() => setAt(at - 1)}
        />
        <Button
          appearance="subtle"
          aria-label={texts.stepOn}
          icon={<ChevronRightRegular />}
          onClick={() => setAt(at + 1)}
        />
        <Button
          appearance="subtle"
          aria-label={texts.toEnd}
          icon={<ArrowNextRegular />}
          onClick={() => setAt(count)}
        />
      </ToolRow>
      <Field className={styles.speed}>
        <Select
          aria-label={texts.speed}
          value={String(speed)}
          onChange={(_event, { value }) => setSpeed(Number(value))}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {`${one} ×`}
            </option>
          ))}
        </Select>
      </Field>
      <Text role="status">{texts.position(at, count)}</Text>
    </div>
  );
}

const SPEAKERS: Readonly<Record<ConversationLine["kind"], string>> = {
  sent: `${texts.weServer} →`,
  received: `← ${texts.theyServer}`,
  event: texts.event,
  connect: texts.connected,
  disconnect: texts.disconnected,
  gap: "",
};

function Line(props: {
  readonly line: ConversationLine;
  readonly isCurrent: boolean;
  readonly isLater: boolean;
}) {
  const { line, isCurrent, isLater } = props;
  const styles = useStyles();
  return (
    <li
      className={mergeClasses(styles.line, isCurrent && styles.current, isLater && styles.later)}
      aria-current={isCurrent ? "step" : undefined}
    >
      <span className={styles.time}>{(line.atMs / 1000).toFixed(3)}</span>
      <span>{SPEAKERS[line.kind]}</span>
      <bdi className={styles.text}>{visibleText(line.text)}</bdi>
    </li>
  );
}
