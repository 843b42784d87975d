using System.Net;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Edge.Auth;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Tests.Auth;

public sealed class AttemptRecordTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Failures_are_counted_by_address_and_forgotten_after_a_while()
    {
        var record = new AttemptRecord(TimeSpan.FromMinutes(10), _time);
        IPAddress one = IPAddress.Parse("192.0.2.1"), other = IPAddress.Parse("192.0.2.2");
        Assert.Equal(1, record.Add(one));
        Assert.Equal(2, record.Add(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.Equal((2, 0), (record.Count(one), record.Count(other)));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(0, record.Count(one));
        Assert.Equal(1, record.Add(one));
    }

    [Fact]
    public void Ipv6_network_counts_as_one()
    {
        var record = new AttemptRecord(TimeSpan.FromMinutes(10), _time);
        record.Add(IPAddress.Parse("2001:db8:1:2::1"));
        Assert.Equal(2, record.Add(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Equal(0, record.Count(IPAddress.Parse("2001:db8:1:3::1")));
    }

    [Fact]
    public void Failures_of_an_account_are_forgotten_a_while_after_the_first_whatever_the_case_of_its_name()
    {
        var record = new AttemptRecord(TimeSpan.FromMinutes(10), _time, isRenewed: false);
        Assert.Equal(1, record.Add("alice"));
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(2, record.Add("ALICE"));
        Assert.Equal((2, 0), (record.Count("Alice"), record.Count("alic")));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, record.Count("alice"));
        Assert.Equal(1, record.Add("alice"));
    }

    [Fact]
    public void Flood_of_names_does_not_push_out_the_worst()
    {
        var record = new AttemptRecord(TimeSpan.FromMinutes(10), _time, isRenewed: false);
        for (int i = 0; i < 5; i++)
            record.Add("alice");
        for (int i = 0; i < 50_000; i++)
            record.Add($"name{i}");
        Assert.Equal(5, record.Count("alice"));
        Assert.Equal(0, record.Count("name0"));
    }

    [Fact]
    public void Flood_of_addresses_does_not_push_out_the_worst()
    {
        var record = new AttemptRecord(TimeSpan.FromMinutes(10), _time);
        IPAddress worst = IPAddress.Parse("192.0.2.1");
        for (int i = 0; i < 5; i++)
            record.Add(worst);
        for (int i = 0; i < 50_000; i++)
            record.Add(new IPAddress(0x0100000AL + ((long)i << 8)));
        Assert.Equal(5, record.Count(worst));
    }

    [Fact]
    public async Task Right_password_is_hashed_once_while_it_is_remembered()
    {
        using var hashing = new PasswordHashing(1, TimeSpan.FromSeconds(30), _time);
        ScramVerifier verifier = ScramVerifier.Create("secret", 4096), changed = ScramVerifier.Create("other", 4096);
        Assert.True(await hashing.CheckAsync(verifier, "secret", default));
        Task<bool> again = hashing.CheckAsync(verifier, "secret", default).AsTask();
        Assert.True(again.IsCompletedSuccessfully && await again);
        Assert.False(await hashing.CheckAsync(verifier, "wrong", default));
        Assert.False(await hashing.CheckAsync(changed, "secret", default));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await hashing.CheckAsync(verifier, "secret", default));
    }
}
