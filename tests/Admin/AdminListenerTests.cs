using System.Net;
using SlimtaFast.Admin.Tests.Fakes;

namespace SlimtaFast.Admin.Tests;

public class AdminListenerTests
{
    private static readonly IPEndPoint Somewhere = new(IPAddress.Loopback, 0);

    [Fact]
    public void Other_than_loopback_without_a_token_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new AdminListener(new AdminOptions { Listen = new IPEndPoint(IPAddress.Any, 0) }, []));
        Assert.Throws<ArgumentException>(() => new AdminListener(new AdminOptions { Listen = Somewhere, Token = "" }, []));
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("localhost:2580", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("127.0.0.2:80", HttpStatusCode.OK)]
    [InlineData("[::1]:2580", HttpStatusCode.OK)]
    [InlineData("MX.example.org:2580", HttpStatusCode.OK)]
    [InlineData("attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost.attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("192.0.2.1", HttpStatusCode.Forbidden)]
    public async Task Request_for_a_foreign_name_is_refused(string host, HttpStatusCode expected)
    {
        await using AdminClient client = await AdminClient.StartAsync(new AdminOptions { Listen = Somewhere, HostNames = ["mx.example.org"] });
        Assert.Equal(expected, (await client.AskAsync("/health/live", "Host: " + host)).Status);
    }

    [Theory]
    [InlineData("Origin: http://localhost:2580", HttpStatusCode.OK)]
    [InlineData("Origin: http://attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin: http://localhost:81", HttpStatusCode.Forbidden)]
    [InlineData("Origin: https://localhost:2580", HttpStatusCode.Forbidden)]
    [InlineData("Origin: null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site: cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site: same-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site: none", HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site: same-origin", HttpStatusCode.OK)]
    public async Task Request_of_a_foreign_page_is_refused(string field, HttpStatusCode expected)
    {
        await using AdminClient client = await AdminClient.StartAsync();
        Assert.Equal(expected, (await client.AskAsync("/health/live", "Host: localhost:2580", field)).Status);
    }

    [Theory]
    [InlineData("Origin: https://mx.example.org", HttpStatusCode.OK)]
    [InlineData("Origin: http://mx.example.org", HttpStatusCode.OK)]
    [InlineData("Origin: https://mx.example.org:444", HttpStatusCode.Forbidden)]
    [InlineData("Origin: https://mx.example.org.attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin: ftp://mx.example.org", HttpStatusCode.Forbidden)]
    public async Task Page_behind_a_proxy_with_tls_may_ask_by_the_name_that_was_told(string field, HttpStatusCode expected)
    {
        await using AdminClient client = await AdminClient.StartAsync(new AdminOptions { Listen = Somewhere, HostNames = ["mx.example.org"] });
        Assert.Equal(expected, (await client.AskAsync("/health/live", "Host: mx.example.org", field)).Status);
    }

    [Fact]
    public async Task Token_is_wanted_for_everything_but_health()
    {
        using var telemetry = new TelemetryExport(new TelemetryOptions { Instance = "test", Prometheus = true });
        await using AdminClient client = await AdminClient.StartAsync(new AdminOptions { Listen = Somewhere, Token = "the secret" }, telemetry);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync("/health/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync("/health/ready")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync("/metrics", "Authorization: Bearer the secret")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync("/metrics", "Authorization: bearer the secret")).Status);
        foreach (string field in (string[])["X-Nothing: 1", "Authorization: Bearer", "Authorization: Bearer the secre", "Authorization: Bearer the secret2", "Authorization: Basic the secret", "Authorization: the secret"])
        {
            using HttpResponseMessage refused = await client.SendAsync(HttpMethod.Get, "/metrics", field);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
        }

        // What does not exist is not told to whoever has no token.
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.AskAsync("/nothing")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.AskAsync("/nothing", "Authorization: Bearer the secret")).Status);
    }

    [Fact]
    public async Task Foreign_page_is_refused_even_with_the_token()
    {
        await using AdminClient client = await AdminClient.StartAsync(new AdminOptions { Listen = Somewhere, Token = "secret" });
        Assert.Equal(HttpStatusCode.Forbidden, (await client.AskAsync("/health/live", "Host: attacker.example", "Authorization: Bearer secret")).Status);
    }

    [Fact]
    public async Task Only_reading_is_understood()
    {
        await using AdminClient client = await AdminClient.StartAsync();
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, "/health/live");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Taken_address_fails_the_start()
    {
        await using AdminClient client = await AdminClient.StartAsync();
        await using var second = new AdminListener(new AdminOptions { Listen = client.EndPoint }, []);
        await Assert.ThrowsAsync<IOException>(() => second.StartAsync());
    }
}
