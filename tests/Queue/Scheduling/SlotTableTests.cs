using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;

namespace SlimtaFast.Queue.Tests.Scheduling;

public class SlotTableTests
{
    [Property]
    public void Slots_keep_their_items_through_any_adding_and_removing(byte[] steps)
    {
        var table = new SlotTable();
        var items = new Dictionary<int, QueueId>();
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i] % 3 == 0 && items.Count > 0)
            {
                int slot = items.Keys.ElementAt(steps[i] % items.Count);
                table.Remove(slot);
                items.Remove(slot);
            }
            else
            {
                var id = new QueueId((UInt128)(i + 1));
                Assert.True(items.TryAdd(table.Add(id, i, 0, 0), id));
            }

            Assert.Equal(items.Count, table.Count);
            Assert.All(items, item => Assert.Equal(item.Value, table[item.Key].Id));
        }
    }

    [Property]
    public void Oldest_item_is_known_through_any_adding_removing_and_searching(int[] steps)
    {
        var table = new SlotTable();
        var items = new Dictionary<int, QueueId>();
        foreach (int step in steps)
        {
            var id = new QueueId((UInt128)(ushort)step + 1);
            if (step % 3 == 0 && items.Count > 0)
            {
                int slot = items.Keys.ElementAt((ushort)step % items.Count);
                table.Remove(slot);
                items.Remove(slot);
            }
            else if (!items.ContainsValue(id))
            {
                items.Add(table.Add(id, 0, 0, 0), id);
            }

            // Sometimes only, so that several things happen between two searches.
            if (step % 2 == 0)
                Assert.Equal(items.Count == 0 ? default : items.Values.Min(), FindOldest(table));
        }

        Assert.Equal(items.Count == 0 ? default : items.Values.Min(), FindOldest(table));
        Assert.True(table.TryGetOldest(out _));
    }

    [Fact]
    public void Oldest_item_is_not_searched_for_while_it_stays_and_none_older_comes()
    {
        var table = new SlotTable();
        int oldest = table.Add(new QueueId(10), 0, 0, 0);
        Assert.Equal(new QueueId(10), FindOldest(table));
        int younger = table.Add(new QueueId(11), 0, 0, 0);
        table.Remove(younger);
        Assert.True(table.TryGetOldest(out QueueId known));
        Assert.Equal(new QueueId(10), known);
        table.Add(new QueueId(9), 0, 0, 0);
        Assert.False(table.TryGetOldest(out _));
        Assert.Equal(new QueueId(9), FindOldest(table));
        table.Remove(oldest);
        Assert.True(table.TryGetOldest(out known));
        Assert.Equal(new QueueId(9), known);
    }

    [Fact]
    public void Freed_slots_are_used_again()
    {
        var table = new SlotTable();
        int first = table.Add(new QueueId(1), 0, 0, 0);
        table.Add(new QueueId(2), 0, 0, 0);
        table.Remove(first);
        Assert.Equal(first, table.Add(new QueueId(3), 0, 0, 0));
    }

    [Fact]
    public void A_slot_takes_48_octets() => Assert.Equal(48, System.Runtime.CompilerServices.Unsafe.SizeOf<QueueSlot>());

    [Property]
    public void List_gives_slots_in_the_order_they_came(byte[] steps)
    {
        var table = new SlotTable();
        var list = new SlotList();
        var expected = new Queue<int>();
        foreach (byte step in steps)
        {
            if (step % 3 == 0 && expected.Count > 0)
            {
                Assert.Equal(expected.Dequeue(), list.Pop(table));
            }
            else
            {
                int slot = table.Add(new QueueId(step), 0, 0, 0);
                list.Push(table, slot);
                expected.Enqueue(slot);
            }

            Assert.Equal(expected.Count, list.Count);
        }
    }

    [Property]
    public void What_is_taken_out_of_a_ready_list_is_gone_and_the_order_of_the_rest_stays(byte[] items)
    {
        var table = new SlotTable();
        var list = new ReadyList();
        var set = new SlotSet();
        List<int> chosen = [], removed = [];
        foreach (byte item in items)
        {
            int slot = table.Add(new QueueId(item), 0, 0, 0);
            table[slot].Priority = (sbyte)(item % 3 - 1);
            list.Push(table, slot);
            if (item % 4 != 0)
                continue;
            chosen.Add(slot);
            set.Add(slot);
        }

        list.Remove(table, set, removed);
        Assert.Equal(chosen, removed.Order());
        Assert.Equal(items.Length - chosen.Count, list.Count);
        List<int> left = [];
        while (list.Count > 0)
            left.Add(list.Pop(table));
        Assert.Equal(Enumerable.Range(0, items.Length).Except(chosen), left.Order());
        Assert.All(left.GroupBy(slot => table[slot].Priority), static level => Assert.Equal(level.Order(), level));
    }

    [Fact]
    public void Domain_is_forgotten_with_its_last_item()
    {
        var domains = new DomainTable();
        int one = domains.Acquire("one.example");
        Assert.Equal(one, domains.Acquire("one.example"));
        int two = domains.Acquire("two.example");
        domains.Release(one);
        Assert.Equal(2, domains.Count);
        domains.Release(one);
        Assert.Equal(1, domains.Count);
        Assert.Equal(one, domains.Acquire("three.example"));
        Assert.Equal("three.example", domains[one]);
        Assert.Equal("two.example", domains[two]);
    }

    private static QueueId FindOldest(SlotTable table)
    {
        if (table.TryGetOldest(out QueueId known))
            return known;
        table.BeginOldest();
        QueueId oldest = default;
        int slot = -1;
        for (int from = 0; table.SearchOldest(from, 3, ref oldest, ref slot); from += 3)
        {
        }

        return oldest;
    }
}
