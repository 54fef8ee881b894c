/* slots: growth and insertion.
 *
 * A slot keeps the whole tag, so growing needs no look at the records; doubling keeps the load
 * between 7/16 and 7/8. Whoever holds the lock of the shard that owns the index. */
#include "slots.h"

#include "mem.h"

enum { SLOTS_FIRST = 64 };

static void place(struct slots_slot *slot, uint32_t mask, struct slots_slot entry)
{
    uint32_t i = entry.tag & mask;
    while (slot[i].number != 0)
        i = (i + 1) & mask;
    slot[i] = entry;
}

static int grow(struct slots *slots)
{
    uint32_t size = slots->size == 0 ? SLOTS_FIRST : slots->size * 2;
    if (size < slots->size)
        return -1;
    struct slots_slot *bigger = mem_table(size, sizeof *bigger);
    if (bigger == NULL)
        return -1;
    for (uint32_t i = 0; i < slots->size; i++)
        if (slots->slot[i].number != 0)
            place(bigger, size - 1, slots->slot[i]);
    mem_free_array(slots->slot, slots->size, sizeof *slots->slot);
    slots->slot = bigger;
    slots->size = size;
    return 0;
}

int slots_insert(struct slots *slots, uint32_t tag, uint32_t number)
{
    if (slots->used >= slots->size / 8 * 7 && grow(slots) != 0)
        return -1;
    place(slots->slot, slots->size - 1, (struct slots_slot){tag, number});
    slots->used++;
    return 0;
}

void slots_clear(struct slots *slots)
{
    mem_free_array(slots->slot, slots->size, sizeof *slots->slot);
    *slots = (struct slots){0};
}
