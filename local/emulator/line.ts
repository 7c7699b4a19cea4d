/** Empty slots at the front are removed when there are more than this many, and more of them than elements. */
const GAP_MAX = 1_024;

/** Elements that are added at the end and mostly taken from the front; both cost the same however many elements there are. */
export class Line<Element> {
  #elements: Element[] = [];
  #first = 0;

  get length(): number {
    return this.#elements.length - this.#first;
  }

  push(element: Element): void {
    this.#elements.push(element);
  }

  /** Takes the element at an index; 0 is the front. */
  take(place: number): Element {
    if (place > 0) return this.#elements.splice(this.#first + place, 1)[0]!;
    const element = this.#elements[this.#first++]!;
    if (this.#first > GAP_MAX && this.#first * 2 > this.#elements.length) {
      this.#elements = this.#elements.slice(this.#first);
      this.#first = 0;
    }
    return element;
  }

  remove(element: Element): void {
    const place = this.#elements.indexOf(element, this.#first);
    if (place >= 0) this.#elements.splice(place, 1);
  }
}
