import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { lazy, Suspense, useState } from "react";
import { useNotify } from "../../widgets/notify.tsx";
import { type Account, changeAccount } from "./account.ts";
import { ActDialog } from "./act-dialog.tsx";
import { RecoveryCodesDialog } from "./recovery-codes-dialog.tsx";
import { Section } from "./section.tsx";
import { CurrentPassword, TextInput } from "./text-input.tsx";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  // Scanners want dark on light, whatever the theme.
  code: { width: "min(240px, 100%)", backgroundColor: "#ffffff", alignSelf: "center" },
  secret: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere" },
});

/** Seldom wanted. */
const LazyQrCode = lazy(async () => ({ default: (await import("./qr-code.tsx")).QrCode }));

type Open = "" | "set up" | "remove" | "new codes";

/** Codes of an authenticator, and what stands in for them. */
export function TotpSection({ account }: { readonly account: Account }) {
  const notify = useNotify();
  const [open, setOpen] = useState<Open>("");
  const [codes, setCodes] = useState<readonly string[]>();
  const close = () => setOpen("");
  const showCodes = (shown: readonly string[]) => {
    close();
    setCodes(shown);
  };
  const left = texts.recoveryLeft(account.recoveryCodesLeft);
  return (
    <Section
      title={texts.totp}
      about={account.totp ? texts.totpOn(left) : texts.totpOff}
      actions={
        account.totp ? (
          <>
            <Button onClick={() => setOpen("new codes")}>{texts.newCodes}</Button>
            <Button onClick={() => setOpen("remove")} aria-label={texts.removeTotpTitle}>
              {texts.removeTotp}
            </Button>
          </>
        ) : (
          <Button appearance="primary" onClick={() => setOpen("set up")}>
            {texts.setUpTotp}
          </Button>
        )
      }
    >
      {open === "set up" && <SetUpDialog onClose={close} onDone={showCodes} />}
      {open === "remove" && (
        <ConfirmedDialog
          title={texts.removeTotpTitle}
          about={texts.removeTotpAbout}
          action={texts.removeTotp}
          act={async (current) => {
            await changeAccount("totp/remove", { current });
            notify({ title: texts.totpRemoved });
            close();
          }}
          onClose={close}
        />
      )}
      {open === "new codes" && (
        <ConfirmedDialog
          title={texts.newCodes}
          about={texts.newCodesAbout}
          action={texts.makeCodes}
          act={async (current) => {
            const { recoveryCodes } = await changeAccount<Codes>("recovery-codes", { current });
            showCodes(recoveryCodes);
          }}
          onClose={close}
        />
      )}
      {codes && <RecoveryCodesDialog codes={codes} onClose={() => setCodes(undefined)} />}
    </Section>
  );
}

interface Codes {
  readonly recoveryCodes: readonly string[];
}

/** Asks for the password once more, and does it. */
function ConfirmedDialog(props: {
  readonly title: string;
  readonly about: string;
  readonly action: string;
  readonly act: (current: string) => Promise<void>;
  readonly onClose: () => void;
}) {
  const [current, setCurrent] = useState("");
  return (
    <ActDialog {...props} isReady={current !== ""} act={() => props.act(current)}>
      <CurrentPassword value={current} onChange={setCurrent} />
    </ActDialog>
  );
}

interface Secret {
  readonly uri: string;
  readonly secret: string;
}

/** The password first, then the secret for the authenticator, confirmed by a code. */
function SetUpDialog(props: {
  readonly onClose: () => void;
  readonly onDone: (codes: readonly string[]) => void;
}) {
  const styles = useStyles();
  const [current, setCurrent] = useState("");
  const [code, setCode] = useState("");
  const [shared, setShared] = useState<Secret>();
  if (shared === undefined) {
    return (
      <ActDialog
        title={texts.totp}
        action={texts.next}
        isReady={current !== ""}
        act={async () => setShared(await changeAccount<Secret>("totp", { current }))}
        onClose={props.onClose}
      >
        <CurrentPassword value={current} onChange={setCurrent} />
      </ActDialog>
    );
  }
  return (
    <ActDialog
      title={texts.scan}
      action={texts.confirm}
      isReady={/^\d{3} ?\d{3}$/.test(code.trim())}
      act={async () => {
        const done = await changeAccount<Codes>("totp/confirm", { code: code.trim() });
        props.onDone(done.recoveryCodes);
      }}
      onClose={props.onClose}
    >
      <Suspense>
        <LazyQrCode text={shared.uri} className={styles.code} />
      </Suspense>
      <Text>
        {texts.scanHint} <span className={styles.secret}>{shared.secret}</span>
      </Text>
      <TextInput label={texts.code} autoComplete="one-time-code" value={code} onChange={setCode} />
    </ActDialog>
  );
}
