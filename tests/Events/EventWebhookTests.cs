using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SlimtaFast.TestKit.Http;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Events.Tests;

public class EventWebhookTests
{
    private const string Taken = "HTTP/1.1 204 No Content\r\n\r\n";

    [Fact]
    public async Task Events_are_posted_together_with_the_token()
    {
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using RawHttpServer server = RawHttpServer.Answering(Taken, requests);
        await using (var webhook = new EventWebhook(Options(server.Url) with { Batch = 3, Token = "secret", Delay = TimeSpan.FromHours(1) }))
        {
            for (int i = 1; i <= 7; i++)
                webhook.Note(TestEvents.Make(i));
        }

        Assert.Equal([3, 3, 1], requests.Select(r => Attempts(r.Body).Length));
        Assert.Equal(Enumerable.Range(1, 7), requests.SelectMany(r => Attempts(r.Body)));
        Assert.All(requests, r =>
        {
            Assert.Equal("POST /mail?tenant=7 HTTP/1.1", r.Head.RequestLine);
            Assert.Equal("application/json", r.Head["Content-Type"]);
            Assert.Equal("Bearer secret", r.Head["Authorization"]);
        });
    }

    [Fact]
    public async Task Target_that_is_down_and_comes_back_loses_nothing_within_the_bound()
    {
        using var counts = new EventCounts();
        int port = RunningProgram.FreePort();
        var requests = new ConcurrentQueue<(RawHttpRequest Head, byte[] Body)>();
        await using var webhook = new EventWebhook(Options(new Uri($"http://127.0.0.1:{port}/")) with { Batch = 10, Buffer = 100 }, meters: counts);
        webhook.Note(TestEvents.Make(1));
        await counts.WaitAsync(() => counts.Of("slimtafast.events.failures") >= 3);

        // The first one is on its way, a hundred wait behind it, and the rest does not fit.
        for (int i = 2; i <= 111; i++)
            webhook.Note(TestEvents.Make(i));
        await using RawHttpServer server = RawHttpServer.Answering(Taken, requests, port);
        await counts.WaitAsync(() => counts.Of("slimtafast.events.written") == 101);
        Assert.Equal(Enumerable.Range(1, 101), requests.SelectMany(r => Attempts(r.Body)));
        Assert.Equal(10, counts.Of("slimtafast.events.dropped"));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(401)]
    [InlineData(302)]
    public async Task Refusal_that_may_pass_is_tried_again(int status)
    {
        using var counts = new EventCounts();
        var bodies = new ConcurrentQueue<int[]>();
        await using var server = new RawHttpServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                bodies.Enqueue(Attempts(request.Body));
                await connection.SendAsync(bodies.Count < 3 ? $"HTTP/1.1 {status} X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n" : Taken);
            }
        });
        await using var webhook = new EventWebhook(Options(server.Url), meters: counts);
        webhook.Note(TestEvents.Make(1));
        await counts.WaitAsync(() => counts.Of("slimtafast.events.written") == 1);
        Assert.Equal([1, 1, 1], bodies.Select(static body => Assert.Single(body)));
        Assert.Equal(2, counts.Of("slimtafast.events.failures"));
        Assert.Equal(0, counts.Of("slimtafast.events.dropped"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task Refusal_for_good_drops_what_was_refused_and_goes_on(int status)
    {
        using var counts = new EventCounts();
        var bodies = new ConcurrentQueue<int[]>();
        await using var server = new RawHttpServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                bodies.Enqueue(Attempts(request.Body));
                await connection.SendAsync(bodies.Count == 1 ? $"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n" : Taken);
            }
        });
        await using var webhook = new EventWebhook(Options(server.Url) with { Batch = 1 }, meters: counts);
        webhook.Note(TestEvents.Make(1));
        webhook.Note(TestEvents.Make(2));
        await counts.WaitAsync(() => counts.Of("slimtafast.events.written") == 1);
        Assert.Equal(1, counts.Of("slimtafast.events.dropped"));
        Assert.Equal([1, 2], bodies.Select(static body => Assert.Single(body)));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(301)]
    public async Task What_somebody_has_to_put_right_is_told_once_and_waits_within_the_bound(int status)
    {
        using var counts = new EventCounts();
        var log = new CollectedLog();
        int requests = 0;
        bool isRight = false;
        await using var server = new RawHttpServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                Interlocked.Increment(ref requests);
                await connection.SendAsync(Volatile.Read(ref isRight) ? Taken : $"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
            }
        });
        var webhook = new EventWebhook(Options(server.Url) with { Batch = 1, Buffer = 3 }, log, counts);
        webhook.Note(TestEvents.Make(1));
        await counts.WaitAsync(() => counts.Of("slimtafast.events.failures") >= 4);
        for (int i = 2; i <= 10; i++)
            webhook.Note(TestEvents.Make(i));
        Assert.True(counts.Of("slimtafast.events.dropped") > 0);
        Volatile.Write(ref isRight, true);
        await counts.WaitAsync(() => counts.Of("slimtafast.events.written") + counts.Of("slimtafast.events.dropped") == 10);
        Assert.True(counts.Of("slimtafast.events.written") >= 3);
        await webhook.DisposeAsync();
        Assert.Equal([LogLevel.Error, LogLevel.Warning], log.Levels);
    }

    [Fact]
    public async Task Stop_does_not_wait_for_a_target_that_is_down()
    {
        using var counts = new EventCounts();
        var webhook = new EventWebhook(Options(new Uri($"http://127.0.0.1:{RunningProgram.FreePort()}/")) with { StopGrace = TimeSpan.FromMilliseconds(50) }, meters: counts);
        for (int i = 1; i <= 5; i++)
            webhook.Note(TestEvents.Make(i));
        await webhook.DisposeAsync();
        Assert.Equal(5, counts.Of("slimtafast.events.dropped"));
    }

    private static EventWebhookOptions Options(Uri url) =>
        new() { Url = url, Delay = TimeSpan.FromMilliseconds(1), FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(20) };

    private static int[] Attempts(byte[] body)
    {
        using JsonDocument json = JsonDocument.Parse(body);
        return [.. json.RootElement.EnumerateArray().Select(what => what.GetProperty("attempt").GetInt32())];
    }
}
