import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Select,
  Text,
} from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { useMayGive } from "../../api/facts.ts";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { CommandLine } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { texts } from "./texts.ts";

/** More of them are named by choosing one on the page first. */
const LISTED_MAX = 200;

const SPANS = [
  ["01:00:00", texts.shareHour],
  ["1.00:00:00", texts.shareDay],
  ["7.00:00:00", texts.shareWeek],
  ["30.00:00:00", texts.shareMonth],
] as const;

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
  link: { display: "flex", gap: "8px", alignItems: "end" },
  box: { flexGrow: 1 },
});

/** What a link shows, how long, and to whom. */
interface Wish {
  /** "": all recipients. */
  readonly only: string;
  readonly span: string;
  readonly isAnonymous: boolean;
}

/** Makes a link to the story of a message: what it shows, to whom, and how long. */
export function ShareDialog(props: {
  readonly traceId: string;
  readonly recipients: readonly string[];
  /** Whose story is open. */
  readonly recipient: string | undefined;
  readonly onClose: () => void;
}) {
  const { traceId, recipients, recipient, onClose } = props;
  const styles = useStyles();
  const runner = useRun();
  const [wish, setWish] = useState<Wish>({
    only: recipient ?? "",
    span: "7.00:00:00",
    isAnonymous: false,
  });
  const call = {
    cmdlet: "New-MessageTraceLink",
    parameters: {
      MessageTraceId: traceId,
      ...(wish.only === "" ? {} : { RecipientAddress: wish.only }),
      ExpiresAfter: wish.span,
      ...(wish.isAnonymous ? { Anonymous: true } : {}),
    },
  };
  const { state } = runner;
  const made = state.kind === "done" ? state.result.objects[0] : undefined;
  const listed = [...new Set([...(recipient ? [recipient] : []), ...recipients])];
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{texts.shareTitle}</DialogTitle>
          <DialogContent className={styles.content}>
            <Text>{texts.shareAbout}</Text>
            {made === undefined ? (
              <WishFields wish={wish} recipients={listed} onChange={setWish} />
            ) : (
              <MadeLink path={String(made["Path"])} until={String(made["ExpirationDate"])} />
            )}
            {state.kind === "failed" && <FaultNotice fault={state.fault} />}
            <Suspense>
              <CommandLine call={call} />
            </Suspense>
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{texts.close}</Button>
            {made === undefined && (
              <Button
                appearance="primary"
                disabled={state.kind === "running"}
                onClick={() => void runner.run(call)}
              >
                {texts.shareMake}
              </Button>
            )}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function WishFields(props: {
  readonly wish: Wish;
  readonly recipients: readonly string[];
  readonly onChange: (wish: Wish) => void;
}) {
  const { wish, recipients, onChange } = props;
  const mayPublish = useMayGive("New-MessageTraceLink", "Anonymous");
  return (
    <>
      <Field label={texts.shareWhat}>
        <Select
          value={wish.only}
          onChange={(_event, { value }) => onChange({ ...wish, only: value })}
        >
          <option value="">{texts.shareWhole}</option>
          {recipients.slice(0, LISTED_MAX).map((one) => (
            <option key={one} value={one}>
              {texts.shareOnly(visibleText(one))}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={texts.shareFor}>
        <Select
          value={wish.span}
          onChange={(_event, { value }) => onChange({ ...wish, span: value })}
        >
          {SPANS.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={texts.shareWho} hint={wish.isAnonymous ? texts.shareAnyoneHint : ""}>
        <RadioGroup
          value={wish.isAnonymous ? "anyone" : "signed-in"}
          onChange={(_event, { value }) => onChange({ ...wish, isAnonymous: value === "anyone" })}
        >
          <Radio value="signed-in" label={texts.shareSignedIn} />
          {mayPublish && <Radio value="anyone" label={texts.shareAnyone} />}
        </RadioGroup>
      </Field>
    </>
  );
}

function MadeLink({ path, until }: { readonly path: string; readonly until: string }) {
  const styles = useStyles();
  const [isCopied, setCopied] = useState(false);
  const link = new URL(path, window.location.origin).href;
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return (
    <>
      <div className={styles.link}>
        <Field className={styles.box} label={texts.shareLink}>
          <Input readOnly value={link} onFocus={({ target }) => target.select()} />
        </Field>
        <Button
          appearance="primary"
          icon={isCopied ? <CheckmarkRegular /> : <CopyRegular />}
          onClick={() => void copy()}
        >
          {isCopied ? texts.copied : texts.copy}
        </Button>
      </div>
      <Text>{texts.shareUntil(formatDateTime(until))}</Text>
    </>
  );
}
