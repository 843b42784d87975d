using System.Net;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Edge.Limits;

namespace SlimtaFast.Edge.Tests.Limits;

public sealed class ClientTableTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_client_has_its_own_rates()
    {
        var table = new ClientTable(new ClientLimits { ConnectionsPerMinute = 2, MessagesPerMinute = 1, RecipientsPerHour = 3 }, _time);
        Assert.Equal([true, true, false], Three(() => table.TryConnect(Client(1))));
        Assert.Equal([true, true, false], Three(() => table.TryConnect(Client(2))));
        Assert.Equal([true, false, false], Three(() => table.TrySend(Client(1))));
        Assert.Equal([true, true, true], Three(() => table.TryAddress(Client(1))));
        Assert.False(table.TryAddress(Client(1)));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(table.TryConnect(Client(1)));
        Assert.False(table.TrySend(Client(1)));
        Assert.False(table.TryAddress(Client(1)));
    }

    [Fact]
    public void Table_is_bounded_and_forgets_who_was_seen_longest_ago()
    {
        var table = new ClientTable(new ClientLimits { MessagesPerMinute = 1, MaxRemembered = 3 }, _time);
        for (int i = 1; i <= 3; i++)
            Assert.True(table.TrySend(Client(i)));
        Assert.False(table.TrySend(Client(1)));
        for (int i = 10; i < 12; i++)
            Assert.True(table.TrySend(Client(i)));
        Assert.Equal(3, table.Count);
        Assert.False(table.TrySend(Client(1)));
        Assert.True(table.TrySend(Client(2)));
    }

    [Fact]
    public void Nothing_is_remembered_without_limits()
    {
        var table = new ClientTable(new ClientLimits(), _time);
        Assert.True(table.TryConnect(Client(1)) && table.TrySend(Client(1)) && table.TryAddress(Client(1)));
        Assert.Equal(0, table.Count);
    }

    private static bool[] Three(Func<bool> take) => [take(), take(), take()];

    private static ClientKey Client(int number) => ClientKey.Of(new IPAddress([10, 0, 0, (byte)number]), 32, 64);
}
