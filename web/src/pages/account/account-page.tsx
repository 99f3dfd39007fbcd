import { makeStyles } from "@fluentui/react-components";
import { PageHeader } from "../../widgets/page-header.tsx";
import { useAccount } from "./account.ts";
import { PasskeySection } from "./passkey-section.tsx";
import { PasswordSection } from "./password-section.tsx";
import { SessionSection } from "./session-section.tsx";
import { texts } from "./texts.ts";
import { TotpSection } from "./totp-section.tsx";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "16px", maxWidth: "860px" },
});

/** One's own password, second factor, passkeys and sessions. */
export function AccountPage() {
  const styles = useStyles();
  const account = useAccount();
  const groups = account.roleGroups.join(", ") || texts.noGroups;
  return (
    <div className={styles.root}>
      <PageHeader title={texts.title} about={texts.about(account.name, groups)} />
      {account.isExternal ? (
        texts.external
      ) : (
        <>
          <PasswordSection account={account} />
          <TotpSection account={account} />
          <PasskeySection account={account} />
        </>
      )}
      <SessionSection account={account} />
    </div>
  );
}
