import DOMPurify, { type Config } from "dompurify";

/** What a message may be made of when it is looked at: words, tables, lists. */
const TAGS = [
  ...["a", "abbr", "address", "article", "b", "big", "blockquote", "br", "caption", "center"],
  ...["cite", "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption"],
  ...["figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "ins"],
  ...["kbd", "li", "main", "mark", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span"],
  ...["strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt"],
  ...["u", "ul", "var", "wbr"],
];

/** Nothing that names a resource, a place to go, a style or a behaviour. */
const ATTRIBUTES = [
  ...["align", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir"],
  ...["face", "lang", "rowspan", "size", "start", "valign", "width"],
];

const CONFIG = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ATTRIBUTES,
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  // What these have in them is no text for readers.
  ADD_FORBID_CONTENTS: [
    ...["audio", "iframe", "math", "noembed", "noframes", "noscript", "object", "option"],
    ...["script", "select", "style", "svg", "template", "textarea", "title", "video", "xmp"],
  ],
  RETURN_TRUSTED_TYPE: true,
} as const satisfies Config;

/** A link's address is shown up to here. */
const ADDRESS_CHARACTERS_MAX = 200;

let isPrepared = false;

/** Where links lead and what images show stays as text. */
function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  DOMPurify.addHook("uponSanitizeElement", (node, { tagName }) => {
    if (!(node instanceof Element)) return;
    if (tagName === "a") {
      const address = node.getAttribute("href")?.trim() ?? "";
      if (address === "" || address.startsWith("#")) return;
      node.append(` [${address.slice(0, ADDRESS_CHARACTERS_MAX)}]`);
      node.removeAttribute("href");
    } else if (tagName === "img") {
      const words = node.getAttribute("alt")?.trim() ?? "";
      if (words !== "") node.before(`[${words.slice(0, ADDRESS_CHARACTERS_MAX)}]`);
    }
  });
}

/**
 * The HTML of a message without anything that runs, fetches, sends, or leads anywhere, for the
 * `srcdoc` of a frame that may do nothing either.
 */
export function cleanHtml(html: string): TrustedHTML {
  prepare();
  // Of the page's styles none holds in the frame: without this, it would be in Times.
  return DOMPurify.sanitize(`<font face="sans-serif">${html}</font>`, CONFIG);
}
