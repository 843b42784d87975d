using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Storage.OpenStack.Identity;
using SlimtaFast.TestKit.Http;

namespace SlimtaFast.Storage.OpenStack.Tests;

/// <summary>
/// What identity services are asked and how their answers are read. Rackspace's cannot be had, nor Keystone here: a local stand-in answers with what is
/// publicly known of them.
/// </summary>
public sealed class IdentityTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Rackspace_is_asked_with_an_api_key_and_the_region_is_chosen_from_its_catalogue()
    {
        await using var cloud = new StandInCloud(_time);
        OpenStackOptions options = cloud.Options with { Identity = IdentityKind.Rackspace, Endpoint = new Uri(cloud.Url, "/v2.0"), UserName = "user", Secret = "key" };
        foreach ((string region, string expected) in new[] { ("", "/dfw/"), ("ord", "/ord/") })
        {
            using var client = new ServiceClient(options with { Region = region }, ["object-store"], _time);
            using HttpResponseMessage answer = await client.SendAsync(static address => new HttpRequestMessage(HttpMethod.Get, address + "/x"), false, CancellationToken.None);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.Contains(expected, cloud.Requests.Last().Head.RequestLine, StringComparison.Ordinal);
            Assert.StartsWith("token-", cloud.Requests.Last().Head["X-Auth-Token"], StringComparison.Ordinal);
        }

        (RawHttpRequest head, byte[] body) = cloud.Requests.First();
        Assert.StartsWith("POST /v2.0/tokens ", head.RequestLine, StringComparison.Ordinal);
        Assert.Equal("""{"auth":{"RAX-KSKEY:apiKeyCredentials":{"username":"user","apiKey":"key"}}}""", System.Text.Encoding.UTF8.GetString(body));
        using var nowhere = new ServiceClient(options with { Region = "LON" }, ["object-store"], _time);
        StorageException missing = await Assert.ThrowsAsync<StorageException>(() => nowhere.SendAsync(static address => new HttpRequestMessage(HttpMethod.Get, address), false, CancellationToken.None));
        Assert.Contains("DFW, ORD", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keystone_is_asked_with_a_password()
    {
        await using var cloud = new StandInCloud(_time);
        OpenStackOptions options = cloud.Options with { Endpoint = new Uri(cloud.Url, "/v3"), UserName = "user", Secret = "secret", Project = "mail" };
        using var client = new ServiceClient(options, ["object-store"], _time);
        using HttpResponseMessage answer = await client.SendAsync(static address => new HttpRequestMessage(HttpMethod.Get, address + "/x"), false, CancellationToken.None);
        Assert.Equal(200, (int)answer.StatusCode);
        (RawHttpRequest head, byte[] body) = cloud.Requests.First();
        Assert.StartsWith("POST /v3/auth/tokens ", head.RequestLine, StringComparison.Ordinal);
        Assert.Equal(
            """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"user","password":"secret","domain":{"name":"Default"}}}},"scope":{"project":{"name":"mail","domain":{"name":"Default"}}}}}""",
            System.Text.Encoding.UTF8.GetString(body));
    }

    [Fact]
    public async Task Token_is_renewed_before_it_ends_and_once_where_it_is_refused()
    {
        await using var cloud = new StandInCloud(_time);
        OpenStackOptions options = cloud.Options with { Identity = IdentityKind.Rackspace, Endpoint = new Uri(cloud.Url, "/v2.0"), UserName = "user", Secret = "key" };
        using var client = new ServiceClient(options, ["object-store"], _time);
        await GetAsync();
        await GetAsync();
        Assert.Equal(1, cloud.Tokens);
        _time.Advance(TimeSpan.FromMinutes(59));
        await GetAsync();
        Assert.Equal(2, cloud.Tokens);
        cloud.RefusedToken = "token-2";
        await GetAsync();
        Assert.Equal(3, cloud.Tokens);
        cloud.RefusedToken = "token-";
        await Assert.ThrowsAsync<StorageException>(GetAsync);
        Assert.Equal(4, cloud.Tokens);

        async Task GetAsync()
        {
            using HttpResponseMessage answer = await client.SendAsync(static address => new HttpRequestMessage(HttpMethod.Get, address + "/x"), false, CancellationToken.None);
            Assert.Equal(200, (int)answer.StatusCode);
        }
    }

    private sealed class StandInCloud : IAsyncDisposable
    {
        private readonly RawHttpServer _server;
        private readonly TimeProvider _time;
        private int _tokens;

        public StandInCloud(TimeProvider time)
        {
            _time = time;
            _server = new RawHttpServer(async connection =>
            {
                while (await connection.ReadRequestAsync() is { } request)
                {
                    Requests.Enqueue(request);
                    await connection.SendAsync(Answer(request.Head));
                }
            });
        }

        public ConcurrentQueue<(RawHttpRequest Head, byte[] Body)> Requests { get; } = new();

        public Uri Url => new(_server.Url, "/");

        public OpenStackOptions Options => new() { Endpoint = Url };

        public int Tokens => Volatile.Read(ref _tokens);

        public string RefusedToken { get; set; } = "none";

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private static string Json(string status, string fields, string body) =>
            string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{fields}Content-Length: {body.Length}\r\n\r\n{body}");

        private string Answer(RawHttpRequest request)
        {
            string expires = (_time.GetUtcNow() + TimeSpan.FromHours(1)).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            if (request.RequestLine.Contains("/auth/tokens", StringComparison.Ordinal))
            {
                string catalogue = $$$"""[{"type":"object-store","name":"swift","endpoints":[{"interface":"internal","region_id":"R1","url":"{{{Url}}}inside"},{"interface":"public","region_id":"R1","url":"{{{Url}}}r1"}]}]""";
                return Json("201 Created", $"X-Subject-Token: token-{Interlocked.Increment(ref _tokens)}\r\n", $$$"""{"token":{"expires_at":"{{{expires}}}","catalog":{{{catalogue}}}}}""");
            }

            if (request.RequestLine.Contains("/tokens", StringComparison.Ordinal))
            {
                string endpoints = $$$"""[{"region":"ORD","tenantId":"1","publicURL":"{{{Url}}}ord","internalURL":"{{{Url}}}inside"},{"region":"DFW","tenantId":"1","publicURL":"{{{Url}}}dfw/","internalURL":"{{{Url}}}inside"}]""";
                string access = $$$"""{"access":{"token":{"id":"token-{{{Interlocked.Increment(ref _tokens)}}}","expires":"{{{expires}}}"},"user":{"id":"1","RAX-AUTH:defaultRegion":"DFW"},"serviceCatalog":[{"name":"cloudFiles","type":"object-store","endpoints":{{{endpoints}}}}]}}""";
                return Json("200 OK", "", access);
            }

            return request["X-Auth-Token"]?.StartsWith(RefusedToken, StringComparison.Ordinal) == true ? Json("401 Unauthorized", "", "{}") : Json("200 OK", "", "{}");
        }
    }
}
