using FsCheck.Xunit;
using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Queue.Tests.Scheduling;

public class DueHeapTests
{
    [Property]
    public void Any_mixture_of_pushes_and_pops_gives_the_earliest_first(int[] steps)
    {
        var heap = new DueHeap();
        var expected = new List<(long Due, int Slot)>();
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i] % 3 != 0 || expected.Count == 0)
            {
                heap.Push(i, steps[i]);
                expected.Add((steps[i], i));
            }
            else
            {
                long first = expected.Min(item => item.Due);
                Assert.Equal(first, heap.FirstDue);
                Assert.True(expected.Remove((first, heap.Pop())));
            }

            Assert.Equal(expected.Count, heap.Count);
        }
    }

    [Property]
    public void What_is_taken_out_of_the_middle_is_gone_and_the_rest_comes_in_order(int[] dues, int modulus, int few)
    {
        var heap = new DueHeap();
        var slots = new SlotTable();
        var set = new SlotSet();
        List<int> chosen = [];
        List<(long Due, int Slot)> left = [];
        for (int i = 0; i < dues.Length; i++)
        {
            int slot = slots.Add(new Mail.QueueId((UInt128)(i + 1)), 0, 0, 0);
            heap.Push(slot, dues[i]);
            if (dues[i] % (2 + Math.Abs(modulus % 5)) == 0 && (few % 2 == 0 || chosen.Count < 5))
            {
                chosen.Add(slot);
                set.Add(slot);
            }
            else
            {
                left.Add((dues[i], slot));
            }
        }

        heap.Remove(chosen, set, slots);
        Assert.All(chosen, slot => Assert.Equal(dues[slot], slots[slot].Due));
        Assert.Equal(left.Count, heap.Count);
        foreach (long due in left.Select(static item => item.Due).Order())
        {
            Assert.Equal(due, heap.FirstDue);
            Assert.True(left.Remove((due, heap.Pop())));
        }
    }

    [Fact]
    public void Many_items_come_out_in_order_and_the_heap_shrinks_again()
    {
        var heap = new DueHeap();
        for (int i = 0; i < 100_000; i++)
            heap.Push(i, (i * 7919L) % 100_003);
        long last = long.MinValue;
        while (heap.Count > 0)
        {
            long due = heap.FirstDue;
            Assert.True(due >= last);
            Assert.Equal(due, (heap.Pop() * 7919L) % 100_003);
            last = due;
        }

        Assert.Equal(long.MaxValue, heap.FirstDue);
    }
}
