using System.Net;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit.Dns;

namespace SlimtaFast.Dns.Tests;

public sealed class DnsClientResolverTests : IAsyncDisposable
{
    private readonly FakeDnsServer _server = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DnsClientResolver _resolver;

    public DnsClientResolverTests() => _resolver = Make();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task LookupMx_records_come_in_lower_case_without_final_dot()
    {
        _server.Mx("x.example", 10, "Mail.X.Example").Mx("x.example", 20, "backup.example");
        DnsAnswer<MxRecord> answer = await _resolver.LookupMxAsync("X.Example.", default);
        Assert.Equal(DnsStatus.Found, answer.Status);
        Assert.Equal([new MxRecord(10, "mail.x.example"), new MxRecord(20, "backup.example")], answer.Records);
        Assert.Equal(TimeSpan.FromSeconds(300), answer.TimeToLive);
        Assert.False(answer.IsAuthentic);
    }

    [Fact]
    public async Task LookupMx_null_mx_is_a_record_with_an_empty_name()
    {
        _server.Mx("x.example", 0, ".");
        Assert.Equal([new MxRecord(0, "")], (await _resolver.LookupMxAsync("x.example", default)).Records);
    }

    [Fact]
    public async Task Lookup_each_type_is_read()
    {
        _server.Address("h.example", "192.0.2.1").Address("h.example", "2001:db8::1").Txt("t.example", "v=spf1 ", "-all")
            .Ptr("1.2.0.192.in-addr.arpa", "H.example").Tlsa("_25._tcp.h.example", 3, 1, 1, 0xAB, 0xCD);
        Assert.Equal([IPAddress.Parse("192.0.2.1")], (await _resolver.LookupAAsync("h.example", default)).Records);
        Assert.Equal([IPAddress.Parse("2001:db8::1")], (await _resolver.LookupAaaaAsync("h.example", default)).Records);
        Assert.Equal(["v=spf1 -all"], (await _resolver.LookupTxtAsync("t.example", default)).Records);
        Assert.Equal(["h.example"], (await _resolver.LookupPtrAsync(IPAddress.Parse("::ffff:192.0.2.1"), default)).Records);
        TlsaRecord tlsa = Assert.Single((await _resolver.LookupTlsaAsync("_25._tcp.h.example", default)).Records);
        Assert.Equal((3, 1, 1), (tlsa.Usage, tlsa.Selector, tlsa.Matching));
        Assert.Equal([0xAB, 0xCD], tlsa.Data.ToArray());
    }

    [Fact]
    public async Task Lookup_absence_and_failure_are_told_apart()
    {
        _server.Address("h.example", "192.0.2.1").Fail("bad.example", 2).Fail("refused.example", 5);
        Assert.Equal(DnsStatus.NoRecords, (await _resolver.LookupMxAsync("h.example", default)).Status);
        Assert.Equal(DnsStatus.NoSuchName, (await _resolver.LookupMxAsync("none.example", default)).Status);
        Assert.Equal(DnsStatus.Failed, (await _resolver.LookupMxAsync("bad.example", default)).Status);
        Assert.Equal(DnsStatus.Failed, (await _resolver.LookupMxAsync("refused.example", default)).Status);
    }

    [Fact]
    public async Task Lookup_server_is_silent_is_failed()
    {
        _server.Silence("x.example");
        DnsClientResolver hasty = Make(options => options with { Timeout = TimeSpan.FromMilliseconds(50), Retries = 0 });
        DnsAnswer<MxRecord> answer = await hasty.LookupMxAsync("x.example", default);
        Assert.Equal(DnsStatus.Failed, answer.Status);
        Assert.NotNull(answer.Problem);
    }

    [Theory]
    [InlineData("a..example")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    [InlineData("")]
    public async Task Lookup_impossible_name_does_not_exist(string name) =>
        Assert.Equal(DnsStatus.NoSuchName, (await _resolver.LookupMxAsync(name, default)).Status);

    [Fact]
    public async Task Lookup_truncated_answer_is_asked_for_over_tcp()
    {
        for (int i = 0; i < 150; i++)
            _server.Mx("big.example", i, $"mx{i}.example");
        _server.Truncate("big.example");
        DnsAnswer<MxRecord> answer = await _resolver.LookupMxAsync("big.example", default);
        Assert.Equal(100, answer.Records.Count);
        Assert.Contains(_server.Questions, static question => question.OverTcp);
    }

    [Fact]
    public async Task Lookup_alias_is_followed_and_a_loop_of_aliases_ends()
    {
        _server.Alias("www.example", "host.example").Address("host.example", "192.0.2.7").Alias("a.example", "b.example").Alias("b.example", "a.example");
        Assert.Equal([IPAddress.Parse("192.0.2.7")], (await _resolver.LookupAAsync("www.example", default)).Records);
        Assert.Equal(DnsStatus.NoRecords, (await _resolver.LookupAAsync("a.example", default)).Status);
    }

    [Fact]
    public async Task Lookup_authentic_answer_says_so()
    {
        _server.IsAuthentic = true;
        _server.Mx("x.example", 10, "mx.example");
        Assert.True((await _resolver.LookupMxAsync("x.example", default)).IsAuthentic);
    }

    [Fact]
    public async Task Lookup_answer_is_kept_for_its_time()
    {
        _server.Mx("x.example", 10, "mx.example");
        await _resolver.LookupMxAsync("x.example", default);
        _time.Advance(TimeSpan.FromSeconds(299));
        await _resolver.LookupMxAsync("X.EXAMPLE", default);
        Assert.Single(_server.Questions);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _resolver.LookupMxAsync("x.example", default);
        Assert.Equal(2, _server.Questions.Count);
    }

    [Fact]
    public async Task Lookup_absence_is_kept_as_the_soa_record_says()
    {
        await _resolver.LookupMxAsync("none.example", default);
        _time.Advance(TimeSpan.FromSeconds(59));
        await _resolver.LookupMxAsync("none.example", default);
        Assert.Single(_server.Questions);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _resolver.LookupMxAsync("none.example", default);
        Assert.Equal(2, _server.Questions.Count);
        _server.NegativeTimeToLive = 1_000_000;
        _server.TimeToLive = 1_000_000;
        Assert.Equal(TimeSpan.FromMinutes(15), (await _resolver.LookupMxAsync("nowhere.example", default)).TimeToLive);
    }

    [Fact]
    public async Task Lookup_same_question_at_once_is_asked_once()
    {
        _server.Mx("x.example", 10, "mx.example");
        DnsAnswer<MxRecord>[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _resolver.LookupMxAsync("x.example", default).AsTask()));
        Assert.All(answers, static answer => Assert.Equal(DnsStatus.Found, answer.Status));
        Assert.Single(_server.Questions);
    }

    [Fact]
    public async Task Lookup_many_names_keeps_the_cache_bounded()
    {
        int asked = 0;
        var cache = new Caching.AnswerCache<string>(100, _time, _ =>
        {
            asked++;
            return Task.FromResult(new DnsAnswer<string>(DnsStatus.Found, ["x"], TimeSpan.FromHours(1)));
        });
        for (int i = 0; i < 1000; i++)
            await cache.GetAsync($"n{i}.example", default);
        Assert.Equal(1000, asked);
        Assert.InRange(cache.Count, 80, 100);
    }

    [Fact]
    public async Task Lookup_cancelled_gives_up_waiting()
    {
        _server.Silence("x.example");
        using var source = new CancellationTokenSource();
        Task<DnsAnswer<MxRecord>> asking = _resolver.LookupMxAsync("x.example", source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private DnsClientResolver Make(Func<DnsResolverOptions, DnsResolverOptions>? change = null)
    {
        var options = new DnsResolverOptions { Servers = [_server.EndPoint], Timeout = TimeSpan.FromSeconds(2) };
        return new DnsClientResolver(change?.Invoke(options) ?? options, _time);
    }
}
