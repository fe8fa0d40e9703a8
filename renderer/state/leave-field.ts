/**
 * A text that is being written is stored when its field is left. One that goes with its view is not left in every
 * browser, nor where the page ends; and once another photo or face is shown, it would be stored as that one's.
 */
export function leaveField(): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && activeElement.matches('input, textarea')) activeElement.blur();
}
