import { Button, Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { queryClient } from "../../api/cmdlet-query.ts";
import { requestJson } from "../../api/request.ts";
import { sessionQuery } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    gap: "12px",
    width: "min(360px, 100%)",
    margin: "10vh auto",
    padding: "24px",
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow8,
  },
});

/** Name, password and code; then on to where one wanted to go. */
export function SignInPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const { to }: { readonly to?: string } = useSearch({ strict: false });
  const [values, setValues] = useState({ name: "", password: "", totp: "" });
  const [fault, setFault] = useState<Error>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const body = { ...values, cookie: true };
      await requestJson({ method: "POST", path: "/login", body });
      queryClient.clear();
      await queryClient.fetchQuery(sessionQuery);
      await navigate({ href: localTarget(to) });
    } catch (error) {
      setFault(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  };
  const field = (name: "name" | "password" | "totp") => ({
    value: values[name],
    onChange: (_event: unknown, { value }: { readonly value: string }) =>
      setValues({ ...values, [name]: value }),
  });
  return (
    <main className={styles.root}>
      <PageHeader title={texts.title} />
      {fault && <FaultNotice fault={fault} />}
      <form className={styles.root} onSubmit={(event) => void submit(event)}>
        <Field label={texts.name} required>
          <Input {...field("name")} autoComplete="username" autoFocus />
        </Field>
        <Field label={texts.password} required>
          <Input {...field("password")} type="password" autoComplete="current-password" />
        </Field>
        <Field label={texts.code} hint={texts.codeHint}>
          <Input {...field("totp")} inputMode="numeric" autoComplete="one-time-code" />
        </Field>
        <Button type="submit" appearance="primary" disabled={isBusy}>
          {texts.signIn}
        </Button>
      </form>
    </main>
  );
}

/** Only pages of ours: an address from a link may lead anywhere. */
function localTarget(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])/.test(to) ? to : "/";
}
