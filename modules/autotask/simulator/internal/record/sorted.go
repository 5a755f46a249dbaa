package record

import (
	"iter"
	"slices"
)

// maxBlock is how many items a block holds at most.
const maxBlock = 1 << 10

// item is what a sorted list holds.
type item[T any] interface{ compare(other T) int }

// sorted is a list in order, kept in blocks. A copy shares the blocks, and whoever writes first copies the one it
// writes. The zero value is empty.
type sorted[T item[T]] struct {
	blocks []block[T]
	size   int
	owner  *owner
}

// block holds at least one item. It may be written by the list of the same owner alone.
type block[T any] struct {
	items []T
	owner *owner
}

// owner is told from others by its address.
type owner struct{ _ byte }

// position is the place of an item; behind the last, block is the number of blocks.
type position struct{ block, item int }

// sortedOf returns a list of items that are in order and differ. They are copied.
func sortedOf[T item[T]](items []T) sorted[T] {
	l := sorted[T]{size: len(items)}
	for chunk := range slices.Chunk(items, maxBlock) {
		l.blocks = append(l.blocks, block[T]{items: slices.Clone(chunk)})
	}
	return l
}

// share returns a copy; the blocks belong to neither of the two any more.
func (l *sorted[T]) share() sorted[T] {
	l.owner = new(owner)
	return sorted[T]{blocks: slices.Clone(l.blocks), size: l.size, owner: new(owner)}
}

// seek returns the position of the first item that is not below x.
func (l *sorted[T]) seek(x T) position { return l.seekFrom(position{}, x) }

// seekFrom is seek for an x that is not below the item before p. It is quick where the two are near.
func (l *sorted[T]) seekFrom(p position, x T) position {
	low, high := p.block, len(l.blocks)
	if low < high && l.last(low).compare(x) < 0 {
		if low++; low < high && l.last(low).compare(x) < 0 {
			low++
		} else {
			high = low
		}
	} else {
		high = low
	}
	for low < high {
		if mid := (low + high) / 2; l.last(mid).compare(x) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return position{low, l.within(low, x)}
}

func (l *sorted[T]) last(block int) T {
	items := l.blocks[block].items
	return items[len(items)-1]
}

// within returns how many items of a block are below x.
func (l *sorted[T]) within(block int, x T) int {
	if block == len(l.blocks) {
		return 0
	}
	items := l.blocks[block].items
	low, high := 0, len(items)
	for low < high {
		if mid := (low + high) / 2; items[mid].compare(x) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// get returns the item that is equal to x.
func (l *sorted[T]) get(x T) (found T, ok bool) {
	found, ok = l.at(l.seek(x))
	return found, ok && found.compare(x) == 0
}

// at returns the item at p; false behind the last.
func (l *sorted[T]) at(p position) (x T, ok bool) {
	if p.block >= len(l.blocks) {
		return x, false
	}
	return l.blocks[p.block].items[p.item], true
}

// next returns the position behind p.
func (l *sorted[T]) next(p position) position {
	if p.item++; p.item == len(l.blocks[p.block].items) {
		return position{block: p.block + 1}
	}
	return p
}

// between counts the items from p to before q.
func (l *sorted[T]) between(p, q position) int {
	n := q.item - p.item
	for _, b := range l.blocks[p.block:max(p.block, q.block)] {
		n += len(b.items)
	}
	return n
}

// from iterates over the items from p on.
func (l *sorted[T]) from(p position) iter.Seq[T] {
	return func(yield func(T) bool) {
		if p.block >= len(l.blocks) {
			return
		}
		skip := p.item
		for _, b := range l.blocks[p.block:] {
			for _, x := range b.items[skip:] {
				if !yield(x) {
					return
				}
			}
			skip = 0
		}
	}
}

// put adds x, or puts it in the place of the item that is equal to it.
func (l *sorted[T]) put(x T) {
	p := l.seek(x)
	if found, ok := l.at(p); ok && found.compare(x) == 0 {
		l.own(p.block)[p.item] = x
		return
	}
	l.size++
	if p.item == 0 && p.block > 0 { // between two blocks: what grows there, grows at the end of the first
		p = position{p.block - 1, len(l.blocks[p.block-1].items)}
	}
	switch {
	case len(l.blocks) == 0:
		l.blocks = append(l.blocks, block[T]{owner: l.owner})
	case len(l.blocks[p.block].items) == maxBlock:
		p = l.split(p)
	}
	b := &l.blocks[p.block]
	b.items = slices.Insert(l.own(p.block), p.item, x)
}

// split makes room at p in a full block and returns where p is now. It cuts at p, so that blocks are full which grow at
// their end, unless that is near the start.
func (l *sorted[T]) split(p position) position {
	at := max(p.item, maxBlock/4)
	items := l.own(p.block)
	upper := slices.Clone(items[at:])
	clear(items[at:])
	l.blocks[p.block].items = items[:at]
	l.blocks = slices.Insert(l.blocks, p.block+1, block[T]{items: upper, owner: l.owner})
	if at == maxBlock {
		return position{block: p.block + 1}
	}
	return p
}

// remove takes the item out that is equal to x, if there is one.
func (l *sorted[T]) remove(x T) {
	p := l.seek(x)
	if found, ok := l.at(p); !ok || found.compare(x) != 0 {
		return
	}
	l.size--
	items := slices.Delete(l.own(p.block), p.item, p.item+1)
	l.blocks[p.block].items = items
	if len(items) == 0 {
		l.blocks = slices.Delete(l.blocks, p.block, p.block+1)
	}
}

// own returns the items of a block after making sure that no other list has them.
func (l *sorted[T]) own(n int) []T {
	b := &l.blocks[n]
	if b.owner != l.owner {
		b.items, b.owner = slices.Clone(b.items), l.owner
	}
	return b.items
}
