import { Badge, Button } from "@fluentui/react-components";
import { useState } from "react";
import { formatDateTime } from "../../base/format.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { type Account, changeAccount, type OwnSession } from "./account.ts";
import { browserName } from "./browser-name.ts";
import { Row, Rows, Section } from "./section.tsx";
import { texts, WAYS } from "./texts.ts";

/** Where one is signed in. */
export function SessionSection({ account }: { readonly account: Account }) {
  const notify = useNotify();
  const [fault, setFault] = useState<Error>();
  const end = async (path: string, body: object) => {
    setFault(undefined);
    try {
      await changeAccount(path, body);
      notify({ title: texts.sessionEnded });
    } catch (error) {
      setFault(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const hasOthers = account.sessions.some(({ isThis }) => !isThis);
  return (
    <Section
      title={texts.sessions}
      about={texts.sessionsAbout}
      actions={
        hasOthers && (
          <Button onClick={() => void end("sessions/end-others", {})}>{texts.endOthers}</Button>
        )
      }
    >
      {fault && <FaultNotice fault={fault} />}
      <Rows>
        {account.sessions.toReversed().map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            onEnd={() => void end("sessions/end", { id: session.id })}
          />
        ))}
      </Rows>
    </Section>
  );
}

function SessionRow(props: { readonly session: OwnSession; readonly onEnd: () => void }) {
  const { session, onEnd } = props;
  const { address, began, lastUsed, way, isThis } = session;
  const browser = browserName(session.browser) || texts.unknownBrowser;
  const [since, used] = [formatDateTime(began), formatDateTime(lastUsed)];
  return (
    <Row
      name={
        <>
          {browser} {isThis && <Badge appearance="outline">{texts.thisSession}</Badge>}
        </>
      }
      facts={texts.sessionFacts(WAYS[way] ?? way, address, since, used)}
      actions={
        !isThis && (
          <Button size="small" aria-label={texts.endNamed(browser)} onClick={onEnd}>
            {texts.endSession}
          </Button>
        )
      }
    />
  );
}
