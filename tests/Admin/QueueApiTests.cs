using System.Net;
using System.Text;
using System.Text.Json;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;

namespace SlimtaFast.Admin.Tests;

public class QueueApiTests
{
    [Fact]
    public async Task Messages_are_listed_page_by_page_and_shown()
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: true);
        QueueId[] ids = [.. await Task.WhenAll(Enumerable.Range(0, 5).Select(i => queue.EnqueueAsync($"u{i}@example.org")))];
        List<string> seen = [];
        string next = "";
        do
        {
            JsonElement page = await queue.GetAsync("messages?limit=2" + next);
            seen.AddRange(page.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("id").GetString()!));
            next = page.TryGetProperty("next", out JsonElement cursor) ? "&cursor=" + cursor.GetString() : "";
        }
        while (next.Length > 0);
        Assert.Equal(ids.Select(static id => id.ToString()).Order(), seen.Order());
        JsonElement details = await queue.GetAsync($"messages/{ids[3]}");
        Assert.Equal("queueHolds", details.GetProperty("wait").GetProperty("reason").GetString());
        Assert.Equal("u3@example.org", details.GetProperty("recipients")[0].GetProperty("address").GetString());
        Assert.Equal("alice@example.com", details.GetProperty("message").GetProperty("sender").GetString());
        Assert.Equal(5, (await queue.GetAsync("stats")).GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Orders_are_carried_out_and_each_outcome_told()
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: true);
        QueueId first = await queue.EnqueueAsync("a@example.org"), second = await queue.EnqueueAsync("b@example.net");
        JsonElement answer = await queue.PostAsync("messages/actions", $$"""{"action":"hold","ids":["{{first}}","{{new string('0', 32)}}"]}""");
        Assert.Equal(1, answer.GetProperty("done").GetInt32());
        Assert.Equal(["done", "notFound"], answer.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("outcome").GetString()));
        answer = await queue.PostAsync("messages/actions", """{"action":"remove","filter":{"domain":"example.net"}}""");
        Assert.Equal(second.ToString(), Assert.Single(answer.GetProperty("messages").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await queue.SendAsync(HttpMethod.Get, $"messages/{second}")).Status);
        Assert.True((await queue.GetAsync($"messages/{first}")).GetProperty("message").GetProperty("heldByOperator").GetBoolean());
        answer = await queue.PostAsync("messages/actions", """{"action":"remove","all":true}""");
        Assert.Equal(1, answer.GetProperty("done").GetInt32());
        Assert.Equal(0, (await queue.GetAsync("stats")).GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Messages_are_rerouted_and_sent_back_and_both_is_shown()
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: true);
        QueueId id = await queue.EnqueueAsync("a@example.org");
        JsonElement answer = await queue.PostAsync("messages/actions", $$"""{"action":"reroute","to":"Backup.Internal","ids":["{{id}}"]}""");
        Assert.Equal(1, answer.GetProperty("done").GetInt32());
        JsonElement message = (await queue.GetAsync($"messages/{id}")).GetProperty("message");
        Assert.Equal(("example.org", "backup.internal"), (message.GetProperty("domain").GetString(), message.GetProperty("routingDomain").GetString()));
        Assert.Equal(id.ToString(), Assert.Single((await queue.GetAsync("messages?domain=example.org")).GetProperty("messages").EnumerateArray()).GetProperty("id").GetString());
        Assert.Empty((await queue.GetAsync("messages?domain=backup.internal")).GetProperty("messages").EnumerateArray());
        answer = await queue.PostAsync("messages/actions", """{"action":"reroute","ownRoute":true,"all":true}""");
        Assert.Equal(1, answer.GetProperty("done").GetInt32());
        Assert.False((await queue.GetAsync($"messages/{id}")).GetProperty("message").TryGetProperty("routingDomain", out _));
    }

    [Theory]
    [InlineData("""{"action":"reroute","all":true}""", "either to, the domain")]
    [InlineData("""{"action":"reroute","to":"x.example","ownRoute":true,"all":true}""", "either to, the domain")]
    [InlineData("""{"action":"retry","to":"x.example","all":true}""", "reroute, and nothing else")]
    [InlineData("""{"action":"hold","ownRoute":true,"all":true}""", "reroute, and nothing else")]
    [InlineData("""{"action":"reroute","to":"smtp://x","all":true}""", "a domain name or an address literal")]
    [InlineData("""{"action":"reroute","to":"","all":true}""", "a domain name or an address literal")]
    public async Task Wrong_way_is_refused_and_changes_nothing(string order, string reason)
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: true);
        QueueId id = await queue.EnqueueAsync("a@example.org");
        (HttpStatusCode status, _, string body) = await queue.SendAsync(HttpMethod.Post, "messages/actions", order);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(reason, JsonElement.Parse(body).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.False((await queue.GetAsync($"messages/{id}")).GetProperty("message").TryGetProperty("routingDomain", out _));
    }

    [Fact]
    public async Task Hops_and_deliveries_are_suspended_and_resumed()
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: false);
        Assert.True((await queue.PostAsync("hops/suspend", """{"hop":"blackhole"}""")).GetProperty("isChanged").GetBoolean());
        QueueId id = await queue.EnqueueAsync("a@example.org");
        Assert.Equal("hopStopped", (await queue.GetAsync($"messages/{id}")).GetProperty("wait").GetProperty("reason").GetString());
        JsonElement hop = Assert.Single((await queue.GetAsync("hops")).GetProperty("hops").EnumerateArray());
        Assert.Equal(("blackhole", true, 1), (hop.GetProperty("hop").GetString(), hop.GetProperty("suspendedByOperator").GetBoolean(), hop.GetProperty("ready").GetInt32()));
        Assert.True((await queue.PostAsync("pause", "{}")).GetProperty("isChanged").GetBoolean());
        Assert.True((await queue.PostAsync("hops/resume", """{"hop":"blackhole"}""")).GetProperty("isChanged").GetBoolean());
        Assert.Equal("paused", (await queue.GetAsync($"messages/{id}")).GetProperty("wait").GetProperty("reason").GetString());
        Assert.True((await queue.PostAsync("resume", "{}")).GetProperty("isChanged").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await queue.SendAsync(HttpMethod.Post, "hops/resume", """{"hop":"nobody"}""")).Status);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!limit.IsCancellationRequested && (await queue.SendAsync(HttpMethod.Get, $"messages/{id}")).Status != HttpStatusCode.NotFound)
            await Task.Yield();
        Assert.False(limit.IsCancellationRequested, "The message is not delivered.");
    }

    [Fact]
    public async Task Live_answer_tells_of_the_queue_its_hops_and_its_oldest_message()
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: false);
        await queue.PostAsync("hops/suspend", """{"hop":"blackhole"}""");
        QueueId oldest = await queue.EnqueueAsync("a@example.org");
        await queue.EnqueueAsync("b@example.org");
        JsonElement live = await queue.GetAsync("live");
        Assert.Equal(2, live.GetProperty("queue").GetProperty("ready").GetInt32());
        Assert.Equal(oldest.ToString(), live.GetProperty("oldest").GetProperty("id").GetString());
        JsonElement hop = Assert.Single(live.GetProperty("hops").GetProperty("hops").EnumerateArray());
        Assert.Equal(("blackhole", 2, true), (hop.GetProperty("hop").GetString(), hop.GetProperty("ready").GetInt32(), hop.GetProperty("suspendedByOperator").GetBoolean()));
        Assert.True(live.GetProperty("figures").GetProperty("accepted").GetProperty("total").GetInt64() >= 2);
    }

    [Theory]
    [InlineData("messages?limit=0", "limit")]
    [InlineData("messages?limit=1001", "limit")]
    [InlineData("messages?olderThan=-1", "An age")]
    [InlineData("messages?olderThan=1e300", "An age")]
    [InlineData("messages?olderThan=NaN", "An age")]
    [InlineData("messages?minAttempts=x", "minAttempts: 'x' is not a number")]
    [InlineData("messages?state=5", "state: '5' is none of waiting, held")]
    [InlineData("messages?state=waiting,held", "state: 'waiting,held' is none of waiting, held")]
    [InlineData("messages?cursor=x", "cursor")]
    [InlineData("messages?sender=", "sender that is looked for is empty")]
    [InlineData("messages/xyz", "32 hexadecimal digits")]
    public async Task Wrong_question_is_answered_by_problem_details(string path, string reason)
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: true);
        (HttpStatusCode status, string type, string body) = await queue.SendAsync(HttpMethod.Get, path);
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (status, type));
        Assert.Contains(reason, JsonElement.Parse(body).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Description_names_every_end_point()
    {
        await using QueueUnderApi queue = await QueueUnderApi.StartAsync(holds: true);
        JsonElement description = await queue.GetAsync("openapi.json");
        Assert.StartsWith("3.", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            ["/api/v1/hops", "/api/v1/hops/resume", "/api/v1/hops/suspend", "/api/v1/live", "/api/v1/messages", "/api/v1/messages/actions", "/api/v1/messages/{id}", "/api/v1/pause", "/api/v1/resume", "/api/v1/stats"],
            description.GetProperty("paths").EnumerateObject().Select(static path => path.Name).Order(StringComparer.Ordinal));
        JsonElement order = description.GetProperty("paths").GetProperty("/api/v1/messages/actions").GetProperty("post");
        Assert.True(order.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
    }

    private sealed class QueueUnderApi : IAsyncDisposable
    {
        private readonly MemoryStorage _storage = new();
        private readonly BlackholeRelay _relay = new();
        private readonly MailQueue _queue;
        private readonly AdminListener _listener;
        private readonly HttpClient _http = new();

        private QueueUnderApi(bool holds)
        {
            _queue = new MailQueue(_storage, _relay, new MailQueueOptions { Hold = holds }, []);
            _listener = new AdminListener(new AdminOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, [], desk: _queue.Desk);
        }

        public static async Task<QueueUnderApi> StartAsync(bool holds)
        {
            var queue = new QueueUnderApi(holds);
            await queue._queue.StartAsync(CancellationToken.None);
            await queue._listener.StartAsync();
            queue._http.BaseAddress = new Uri($"http://{queue._listener.EndPoint}/api/v1/");
            return queue;
        }

        public async Task<QueueId> EnqueueAsync(string to)
        {
            Envelope envelope = Envelopes.Make(TestKit.Contents.InMemory(), to: to);
            Assert.True((await _queue.EnqueueAsync(envelope, CancellationToken.None)).Reply.IsPositive);
            envelope.Content.Release();
            return envelope.Id;
        }

        public async Task<JsonElement> GetAsync(string path) => await ReadAsync(HttpMethod.Get, path, null);

        public async Task<JsonElement> PostAsync(string path, string body) => await ReadAsync(HttpMethod.Post, path, body);

        public async Task<(HttpStatusCode Status, string Type, string Body)> SendAsync(HttpMethod method, string path, string? body = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            using HttpResponseMessage response = await _http.SendAsync(request);
            return (response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync());
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _listener.StopAsync();
            await _listener.DisposeAsync();
            await _queue.DisposeAsync();
            await _relay.DisposeAsync();
            await _storage.DisposeAsync();
        }

        private async Task<JsonElement> ReadAsync(HttpMethod method, string path, string? body)
        {
            (HttpStatusCode status, _, string answer) = await SendAsync(method, path, body);
            Assert.True(status == HttpStatusCode.OK, answer);
            return JsonElement.Parse(answer);
        }
    }
}
