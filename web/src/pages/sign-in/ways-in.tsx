import { Button, Divider, Field, Input, Text } from "@fluentui/react-components";
import { KeyRegular, PeopleTeamRegular } from "@fluentui/react-icons";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getPasskey, hasPasskeys } from "../../api/passkey.ts";
import { API_ROOT, requestJson } from "../../api/request.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { EntryForm } from "./entry-card.tsx";
import { texts } from "./texts.ts";
import type { Entry } from "./use-entry.ts";

/** Which ways in the server has. */
interface ServerWays {
  /** There is no administrator yet. */
  readonly setup: boolean;
  /** Whether names and passwords of the server itself are taken. */
  readonly password: boolean;
  /** What the organization's own sign-in is called; null: there is none. */
  readonly organization: string | null;
}

/** Asks the server for its ways in. */
export const waysQuery = queryOptions({
  queryKey: ["ways-in"],
  meta: { isPublic: true },
  retry: false,
  queryFn: ({ signal }) => requestJson<ServerWays>({ method: "GET", path: "/sign-in", signal }),
});

/** Name, password and code, a passkey, or the organization's sign-in. */
export function WaysIn(props: {
  readonly entry: Entry;
  /** Who is expected. */
  readonly name?: string;
  /** Where the organization's sign-in leads to. */
  readonly to?: string | undefined;
  /** It opens beside the page, which stays. */
  readonly isBeside?: true;
}) {
  const { entry, name = "", to, isBeside } = props;
  const { fault, isBusy, enter } = entry;
  const { data: ways, isError } = useQuery(waysQuery);
  // Without an answer the old way is there all the same: trying it says more.
  const takesPassword = ways?.password ?? isError;
  const organization = ways?.organization ?? null;
  const hasOthers = organization !== null || (takesPassword && hasPasskeys());
  return (
    <>
      {fault && <FaultNotice fault={fault} />}
      {takesPassword && (
        <PasswordForm
          name={name}
          isBusy={isBusy}
          onSubmit={(values) =>
            void enter(() =>
              requestJson({ method: "POST", path: "/login", body: { ...values, cookie: true } }),
            )
          }
        />
      )}
      {hasOthers && takesPassword && <Divider>{texts.or}</Divider>}
      {takesPassword && hasPasskeys() && (
        <Button icon={<KeyRegular />} disabled={isBusy} onClick={() => void enter(byPasskey)}>
          {texts.passkey}
        </Button>
      )}
      {organization !== null && (
        <Button
          as="a"
          icon={<PeopleTeamRegular />}
          href={`${API_ROOT}/oidc?${new URLSearchParams({ to: to ?? "/" })}`}
          {...(isBeside && { target: "_blank" })}
        >
          {texts.organization(organization)}
        </Button>
      )}
      {organization !== null && isBeside && <Text size={200}>{texts.beside}</Text>}
      {takesPassword && <Text size={200}>{texts.lost}</Text>}
    </>
  );
}

async function byPasskey(): Promise<void> {
  const options = await requestJson<PublicKeyCredentialRequestOptionsJSON>({
    method: "POST",
    path: "/passkey/options",
    body: {},
  });
  const response = await getPasskey(options);
  await requestJson({ method: "POST", path: "/passkey", body: { response, cookie: true } });
}

interface PasswordValues {
  readonly name: string;
  readonly password: string;
  readonly totp: string;
}

function PasswordForm(props: {
  readonly name: string;
  readonly isBusy: boolean;
  readonly onSubmit: (values: PasswordValues) => void;
}) {
  const [values, setValues] = useState<PasswordValues>({
    name: props.name,
    password: "",
    totp: "",
  });
  const field = (name: keyof PasswordValues) => ({
    value: values[name],
    onChange: (_event: unknown, { value }: { readonly value: string }) =>
      setValues({ ...values, [name]: value }),
  });
  return (
    <EntryForm onSubmit={() => props.onSubmit(values)}>
      <Field label={texts.name} required>
        <Input {...field("name")} autoComplete="username" autoFocus={props.name === ""} />
      </Field>
      <Field label={texts.password} required>
        <Input
          {...field("password")}
          type="password"
          autoComplete="current-password"
          autoFocus={props.name !== ""}
        />
      </Field>
      <Field label={texts.code} hint={texts.codeHint}>
        <Input {...field("totp")} autoComplete="one-time-code" spellCheck={false} />
      </Field>
      <Button type="submit" appearance="primary" disabled={props.isBusy}>
        {texts.signIn}
      </Button>
    </EntryForm>
  );
}
