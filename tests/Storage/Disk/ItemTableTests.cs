using System.Runtime.CompilerServices;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk;

namespace SlimtaFast.Storage.Tests.Disk;

public sealed class ItemTableTests
{
    [Property(MaxTest = 50)]
    public void Table_has_what_a_dictionary_has(int seed)
    {
        var random = new Random(seed);
        var table = new ItemTable();
        var expected = new Dictionary<QueueId, int>();
        for (int i = 0; i < 5000; i++)
        {
            var id = new QueueId(new UInt128(1, (ulong)random.Next(1, 2000)));
            if (random.Next(3) == 0)
            {
                Assert.Equal(expected.Remove(id), table.Remove(id));
                continue;
            }

            ref StoredItem item = ref table.Find(id);
            Assert.Equal(expected.ContainsKey(id), !Unsafe.IsNullRef(ref item));
            if (Unsafe.IsNullRef(ref item))
                item = ref table.Add(id);
            item.Version = i;
            expected[id] = i;
        }

        Assert.Equal(expected.Count, table.Count);
        Assert.Equal(expected.Keys.Order(), table.CopyIds().Order());
        foreach ((QueueId id, int version) in expected)
            Assert.Equal(version, table.Find(id).Version);
    }

    [Fact]
    public void Item_takes_eighty_octets() => Assert.Equal(80, Unsafe.SizeOf<StoredItem>());
}
