import { type ReactNode, Suspense, useState } from "react";
import { useCmdlet } from "../api/cmdlet-query.ts";
import { type CmdletFacts, useFacts } from "../api/facts.ts";
import type { CmdletName } from "../api/run-cmdlet.ts";
import { useMayRun } from "../api/session.ts";
import { FaultNotice } from "./fault-notice.tsx";
import { type FormSection, ObjectForm } from "./form/object-form.tsx";
import { Loading } from "./loading.tsx";
import { useNotify } from "./notify.tsx";
import { PageHeader } from "./page-header.tsx";
import { PropertyList } from "./property-list.tsx";
import { ShowCmdlet } from "./show-cmdlet.tsx";
import { texts } from "./texts.ts";

/** What a form over an object that there is one of is made of. */
export interface SettingsFormProps {
  /** `TransportConfig`; its Get- and Set- cmdlets are what the form does. */
  readonly noun: string;
  readonly sections: readonly FormSection[];
  /** What is in no section is left out, not put below. */
  readonly isPart?: true;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The settings of an object that there is one of; who may not change them sees them. */
export function SettingsForm(props: SettingsFormProps) {
  const { noun, sections, isPart, labels } = props;
  const facts = useFacts(`Set-${noun}`);
  const mayRun = useMayRun();
  const notify = useNotify();
  // A form begins anew once what it has saved was read again, or when it is given up.
  const [edition, setEdition] = useState(0);
  // The noun's cmdlets are in the table, or the page would not have been built for it.
  const getter = `Get-${noun}` as CmdletName;
  const reading = useCmdlet({ cmdlet: getter, parameters: {} as never });
  if (reading.error && reading.data === undefined) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  // A generic reading: the form knows its properties at run time only.
  const object = reading.data?.objects[0] as Readonly<Record<string, unknown>> | undefined;
  if (object === undefined) return <Loading />;
  const begin = async () => {
    await reading.refetch();
    setEdition((before) => before + 1);
  };
  return (
    <Suspense fallback={<Loading />}>
      {mayRun(`Set-${noun}`) ? (
        <ObjectForm
          key={edition}
          cmdlet={`Set-${noun}`}
          object={object}
          sections={sections}
          except={isPart ? namesBeside(sections, facts) : []}
          {...(labels && { labels })}
          onCancel={() => void begin()}
          onDone={() => {
            notify({ title: texts.saved });
            void begin();
          }}
        />
      ) : (
        <PropertyList cmdlet={getter} object={object} />
      )}
    </Suspense>
  );
}

function namesBeside(
  sections: readonly FormSection[],
  facts: CmdletFacts | undefined,
): readonly string[] {
  const placed = new Set(sections.flatMap(({ fields }) => fields));
  return Object.keys(facts?.parameters ?? {}).filter((name) => !placed.has(name));
}

/** A page of one such form. */
export function SettingsPage(
  props: SettingsFormProps & {
    readonly title: string;
    readonly about: ReactNode;
    readonly children?: ReactNode;
  },
) {
  const { noun, title, about, children } = props;
  return (
    <>
      <PageHeader title={title} about={about}>
        {children}
        <ShowCmdlet call={{ cmdlet: `Get-${noun}`, parameters: {} }} />
      </PageHeader>
      <SettingsForm {...props} />
    </>
  );
}
