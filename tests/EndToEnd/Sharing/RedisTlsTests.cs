using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using SlimtaFast.TestKit.Load;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Redis;
using SlimtaFast.TestKit.Tiers;
using SlimtaFast.TestKit.Tls;

namespace SlimtaFast.EndToEnd.Tests.Sharing;

/// <summary>The real executable with a real Redis that speaks TLS, and that knows it by name and password.</summary>
public sealed class RedisTlsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly TestCertificates _certificates = new();

    private string Authority => Path.Combine(_folder.Path, "authority.pem");

    [FullFact("redis-server", "redis-cli")]
    public async Task Mail_goes_through_a_redis_that_is_asked_by_tls_and_with_a_name()
    {
        (RedisProgram redis, int port) = await StartAsync("127.0.0.1");
        await using RedisProgram owned = redis;
        await using var sink = new CollectingSink();
        string relay = string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{sink.Port}");
        (RunningProgram server, IPEndPoint endPoint) = await SlimtafastProgram.ListenAsync(
            Settings("secret"), "serve", "--listen", "127.0.0.1:0", "--hostname", "mx.test", "--storage", Storage(port), "--relay", relay);
        await using RunningProgram alsoOwned = server;
        await using SmtpLoad load = SmtpLoad.Start(endPoint, connections: 2, seed: 3);
        await load.WaitAsync(static l => l.Accepted >= 50, Limit);
        await load.StopAsync();
        Assert.Empty(await sink.WaitForAsync(load.Messages.Where(static message => message.Outcome == LoadOutcome.Accepted), Limit));
        Assert.Contains("user=mail", await redis.RunAsync("client", "list"), StringComparison.Ordinal);
        Assert.Empty(sink.Torn);
        Assert.Equal(0, await server.StopAsync());
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Redis_whose_certificate_is_for_another_name_is_not_spoken_to()
    {
        (RedisProgram redis, int port) = await StartAsync("redis.example");
        await using RedisProgram owned = redis;
        await AssertNoStartAsync(port, "secret", "cannot be reached");
    }

    [FullFact("redis-server", "redis-cli")]
    public async Task Wrong_password_is_told_at_start()
    {
        (RedisProgram redis, int port) = await StartAsync("127.0.0.1");
        await using RedisProgram owned = redis;

        // Although this Redis also takes those who give none.
        await AssertNoStartAsync(port, "guess", "WRONGPASS");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    private static string Storage(int port) => string.Create(CultureInfo.InvariantCulture, $"rediss://127.0.0.1:{port}?timeout=5s");

    private async Task<(RedisProgram Redis, int Port)> StartAsync(string name)
    {
        string pem = Path.Combine(_folder.Path, "redis.pem");
        using (X509Certificate2 certificate = _certificates.Issue(name))
            TestCertificates.WritePem(certificate, pem);
        await File.WriteAllTextAsync(Authority, _certificates.AuthorityPem);
        int port = RunningProgram.FreePort();
        RedisProgram redis = await RedisProgram.StartAsync(
            "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", pem, "--tls-key-file", pem, "--tls-ca-cert-file", Authority, "--tls-auth-clients", "no");
        await redis.RunAsync("acl", "setuser", "mail", "on", ">secret", "~slimta:*", "&slimta:*", "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+multi", "+exec", "+time", "+info", "+config|get");
        return (redis, port);
    }

    // An authority of one's own is trusted as by any program that uses OpenSSL.
    private Dictionary<string, string> Settings(string password) => new()
    {
        ["SSL_CERT_FILE"] = Authority,
        ["SLIMTAFAST__Redis__UserName"] = "mail",
        ["SLIMTAFAST__Redis__Password"] = password,
    };

    private async Task AssertNoStartAsync(int port, string password, string why)
    {
        await using RunningProgram server = RunningProgram.Start(
            SlimtafastProgram.Path,
            ["serve", "--listen", "127.0.0.1:0", "--hostname", "mx.test", "--storage", Storage(port), "--relay", "blackhole:"],
            environment: Settings(password));
        Assert.NotEqual(0, await server.WaitForExitAsync(Limit));
        Assert.Contains(why, server.Output, StringComparison.Ordinal);
    }
}
