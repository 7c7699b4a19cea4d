/** Removed places at the front are given back once there are so many of them. */
const GAP_MAX = 1_024;

/** Elements that wait in line: joined at the end, mostly taken from the front, whatever its length at the same cost. */
export class Line<Element> {
  #elements: Element[] = [];
  #first = 0;

  get length(): number {
    return this.#elements.length - this.#first;
  }

  push(element: Element): void {
    this.#elements.push(element);
  }

  /** Takes the element at a place, 0 being the front. */
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
