import { SearchBox } from "@fluentui/react-components";
import { texts } from "./texts.ts";

/** What narrows a list, kept in the address of its page. */
export function SearchField(props: {
  readonly className?: string;
  readonly hint?: string;
  readonly value: string | undefined;
  /** `undefined`: nothing is searched for. */
  readonly onSearch: (text: string | undefined) => void;
}) {
  const { className, hint = texts.search, value = "", onSearch } = props;
  return (
    <SearchBox
      {...(className !== undefined && { className })}
      aria-label={texts.search}
      placeholder={hint}
      value={value}
      dismiss={{ "aria-label": texts.clearSearch }}
      onChange={(_event, { value: text }) => onSearch(text === "" ? undefined : text)}
    />
  );
}
