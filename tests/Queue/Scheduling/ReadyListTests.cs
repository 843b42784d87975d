using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Queue.Tests.Scheduling;

public class ReadyListTests
{
    [Property]
    public void Each_slot_comes_out_once_and_equals_in_their_order(sbyte[] steps)
    {
        var table = new SlotTable();
        var list = new ReadyList();
        var expected = new Dictionary<int, Queue<int>>();
        int count = 0;
        foreach (sbyte step in steps)
        {
            if (step % 3 == 0 && count > 0)
            {
                Assert.Equal(expected.Where(static level => level.Value.Count > 0).Max(static level => level.Key), list.Highest);
                int slot = list.Pop(table);
                Assert.Equal(expected[table[slot].Priority].Dequeue(), slot);
                count--;
            }
            else
            {
                int priority = step % 10;
                int slot = Add(table, priority);
                list.Push(table, slot);
                (expected.TryGetValue(priority, out Queue<int>? level) ? level : expected[priority] = new Queue<int>()).Enqueue(slot);
                count++;
            }

            Assert.Equal(count, list.Count);
        }
    }

    [Property]
    public void Each_slot_is_looked_at_once(sbyte[] priorities, byte every)
    {
        var table = new SlotTable();
        var list = new ReadyList();
        foreach (sbyte priority in priorities)
            list.Push(table, Add(table, priority % 10));
        HashSet<int> seen = [];
        for (int left = list.Count - 1; left >= 0; left--)
        {
            int slot = list.PopToLook(table, left);
            Assert.True(seen.Add(slot));
            if (every % 3 == 0 || slot % 2 == 0)
                list.Push(table, slot);
        }

        Assert.Equal(priorities.Length, seen.Count);
    }

    private static int Add(SlotTable table, int priority)
    {
        int slot = table.Add(new QueueId(1), 0, 0, 0);
        table[slot].Priority = (sbyte)priority;
        return slot;
    }
}
