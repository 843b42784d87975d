using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Edge.Tests.Auth;

public sealed class TokenValidatorTests : IDisposable
{
    private const string Issuer = "https://issuer.test/";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TemporaryFolder _folder = new();
    private readonly RSA _key = RSA.Create(2048);

    [Fact]
    public async Task Good_token_names_its_user()
    {
        using JwtValidator validator = Validator();
        TokenVerdict verdict = await validator.ValidateAsync(Token(), default);
        Assert.Equal(("alice", null), (verdict.Identity, verdict.Reason));
    }

    [Theory]
    [InlineData("https://somebody.test/", "smtp", 5, "alice", "somebody else issued it")]
    [InlineData(Issuer, "imap", 5, "alice", "it is not for us")]
    [InlineData(Issuer, "smtp", -5, "alice", "it has expired or is not valid yet")]
    [InlineData(Issuer, "smtp", 5, "", "it has no claim sub")]
    public async Task Bad_token_is_refused_with_its_reason(string issuer, string audience, int minutes, string subject, string reason)
    {
        using JwtValidator validator = Validator();
        TokenVerdict verdict = await validator.ValidateAsync(Token(issuer, audience, minutes, subject), default);
        Assert.Equal((null, reason), (verdict.Identity, verdict.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0LyIsInN1YiI6ImFsaWNlIn0.")]
    public async Task Text_that_is_no_signed_token_is_refused(string token)
    {
        using JwtValidator validator = Validator();
        Assert.Null((await validator.ValidateAsync(token, default)).Identity);
    }

    [Fact]
    public async Task Token_signed_with_another_key_or_with_the_public_key_as_a_secret_is_refused()
    {
        using JwtValidator validator = Validator();
        using var other = RSA.Create(2048);
        Assert.Null((await validator.ValidateAsync(Token(signing: new SigningCredentials(new RsaSecurityKey(other) { KeyId = "one" }, "RS256")), default)).Identity);
        var shared = new SymmetricSecurityKey(_key.ExportSubjectPublicKeyInfo()) { KeyId = "one" };
        Assert.Null((await validator.ValidateAsync(Token(signing: new SigningCredentials(shared, "HS256")), default)).Identity);
        string good = Token();
        Assert.Null((await validator.ValidateAsync(good[..^8] + "AAAAAAAA", default)).Identity);
    }

    [Fact]
    public async Task Token_without_an_expiry_is_refused()
    {
        using JwtValidator validator = Validator();
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        string token = handler.CreateToken(JsonSerializer.Serialize(new { iss = Issuer, aud = "smtp", sub = "alice" }), Signing());
        Assert.Null((await validator.ValidateAsync(token, default)).Identity);
    }

    [Fact]
    public async Task New_key_of_the_issuer_is_fetched_when_a_token_names_it()
    {
        using JwtValidator validator = Validator();
        Assert.NotNull((await validator.ValidateAsync(Token(), default)).Identity);
        using var next = RSA.Create(2048);
        WriteKeys((next, "two"));
        _time.Advance(TimeSpan.FromMinutes(2));
        string token = Token(signing: new SigningCredentials(new RsaSecurityKey(next) { KeyId = "two" }, "RS256"));
        Assert.Equal("alice", (await validator.ValidateAsync(token, default)).Identity);

        // A key set that is gone leaves the keys as they were.
        File.Delete(_folder["keys"]);
        _time.Advance(TimeSpan.FromHours(2));
        token = Token(minutes: 300, signing: new SigningCredentials(new RsaSecurityKey(next) { KeyId = "two" }, "RS256"));
        Assert.Equal("alice", (await validator.ValidateAsync(token, default)).Identity);
    }

    [Fact]
    public async Task Key_set_comes_by_http_and_one_that_never_came_is_a_failure()
    {
        WriteKeys((_key, "one"));
        string keys = await File.ReadAllTextAsync(_folder["keys"]);
        await using var server = new OneAnswerServer(_ => (200, keys));
        using var validator = new JwtValidator(Options() with { Keys = server.Url.ToString() }, null, _time);
        Assert.Equal("alice", (await validator.ValidateAsync(Token(), default)).Identity);

        await using var broken = new OneAnswerServer(_ => (500, ""));
        using var never = new JwtValidator(Options() with { Keys = broken.Url.ToString() }, null, _time);
        await Assert.ThrowsAsync<HttpRequestException>(async () => await never.ValidateAsync(Token(), default));
    }

    [Fact]
    public async Task Clients_share_one_fetch_and_after_one_that_failed_the_next_is_seconds_away()
    {
        WriteKeys((_key, "one"));
        using var issuer = new GatedIssuer();
        using var http = new HttpClient(issuer, disposeHandler: false);
        using var validator = new JwtValidator(Options() with { Keys = "https://issuer.test/keys" }, http, _time);

        Task<TokenVerdict>[] first = [.. Enumerable.Range(0, 5).Select(_ => validator.ValidateAsync(Token(), default).AsTask())];
        issuer.Answer(HttpStatusCode.ServiceUnavailable, "");
        foreach (Task<TokenVerdict> attempt in first)
            await Assert.ThrowsAsync<HttpRequestException>(() => attempt);
        await Assert.ThrowsAsync<HttpRequestException>(async () => await validator.ValidateAsync(Token(), default));
        Assert.Equal(1, issuer.Requests);

        issuer.Close();
        _time.Advance(TimeSpan.FromSeconds(5));
        Task<TokenVerdict>[] second = [.. Enumerable.Range(0, 5).Select(_ => validator.ValidateAsync(Token(), default).AsTask())];
        issuer.Answer(HttpStatusCode.OK, await File.ReadAllTextAsync(_folder["keys"]));
        foreach (Task<TokenVerdict> attempt in second)
            Assert.Equal("alice", (await attempt).Identity);
        Assert.Equal(2, issuer.Requests);
    }

    [Fact]
    public async Task Client_that_goes_does_not_end_the_fetch_that_others_wait_for()
    {
        WriteKeys((_key, "one"));
        using var issuer = new GatedIssuer();
        using var http = new HttpClient(issuer, disposeHandler: false);
        using var validator = new JwtValidator(Options() with { Keys = "https://issuer.test/keys" }, http, _time);
        using var gone = new CancellationTokenSource();

        Task<TokenVerdict> first = validator.ValidateAsync(Token(), gone.Token).AsTask();
        Task<TokenVerdict> second = validator.ValidateAsync(Token(), default).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        issuer.Answer(HttpStatusCode.OK, await File.ReadAllTextAsync(_folder["keys"]));
        Assert.Equal("alice", (await second).Identity);
        Assert.Equal(1, issuer.Requests);
    }

    [Theory]
    [InlineData("""{"active":true,"username":"alice"}""", "alice")]
    [InlineData("""{"active":true,"username":"alice","exp":1,"aud":"smtp"}""", null)]
    [InlineData("""{"active":true,"username":"alice","exp":99999999999}""", "alice")]
    [InlineData("""{"active":false,"username":"alice"}""", null)]
    [InlineData("""{"active":true}""", null)]
    [InlineData("""{"active":true,"username":"a\u0000b"}""", null)]
    public async Task Introspection_is_asked_with_our_credentials(string answer, string? expected)
    {
        string asked = "";
        await using var server = new OneAnswerServer(request =>
        {
            asked = request;
            return (200, answer);
        });
        using var validator = new IntrospectionValidator(new IntrospectionOptions { Url = server.Url, ClientId = "us", ClientSecret = "s e" }, null, _time);
        TokenVerdict verdict = await validator.ValidateAsync("to+ken", default);
        Assert.Equal(expected, verdict.Identity);
        Assert.Contains("token=to%2Bken", asked, StringComparison.Ordinal);
        Assert.Contains("Basic " + Convert.ToBase64String("us:s%20e"u8), asked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "")]
    [InlineData(200, "no json")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"active":"yes"}""")]
    public async Task Introspection_that_fails_is_a_failure(int code, string answer)
    {
        await using var server = new OneAnswerServer(_ => (code, answer));
        using var validator = new IntrospectionValidator(new IntrospectionOptions { Url = server.Url, ClientId = "us", ClientSecret = "s" }, null, _time);
        await Assert.ThrowsAnyAsync<Exception>(async () => await validator.ValidateAsync("token", default));
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    private JwtValidator Validator()
    {
        WriteKeys((_key, "one"));
        return new JwtValidator(Options(), null, _time);
    }

    private JwtValidatorOptions Options() => new() { Keys = _folder["keys"], Issuer = Issuer, Audiences = ["smtp"] };

    private void WriteKeys(params (RSA Key, string Id)[] keys)
    {
        var set = new
        {
            keys = keys.Select(pair =>
        {
            RSAParameters parameters = pair.Key.ExportParameters(false);
            return new { kty = "RSA", use = "sig", kid = pair.Id, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
        }).ToArray()
        };
        File.WriteAllText(_folder["keys"], JsonSerializer.Serialize(set));
    }

    private SigningCredentials Signing() => new(new RsaSecurityKey(_key) { KeyId = "one" }, "RS256");

    private string Token(string issuer = Issuer, string audience = "smtp", int minutes = 5, string subject = "alice", SigningCredentials? signing = null)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Expires = now.AddMinutes(minutes),
            Claims = new Dictionary<string, object> { ["sub"] = subject },
            SigningCredentials = signing ?? Signing(),
        });
    }

    /// <summary>Lets its requests wait until it is told the answer to all of them.</summary>
    private sealed class GatedIssuer : HttpMessageHandler
    {
        private TaskCompletionSource<(HttpStatusCode Code, string Text)> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        public void Answer(HttpStatusCode code, string text) => _answer.SetResult((code, text));

        public void Close() => _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            (HttpStatusCode code, string text) = await _answer.Task.WaitAsync(cancellationToken);
            return new HttpResponseMessage(code) { Content = new StringContent(text) };
        }
    }

    /// <summary>Answers every request on a loopback port the same way.</summary>
    private sealed class OneAnswerServer : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _serving;

        public OneAnswerServer(Func<string, (int Code, string Text)> answer)
        {
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
            }

            _listener.Prefixes.Add(Url.ToString());
            _listener.Start();
            _serving = ServeAsync(answer);
        }

        public Uri Url { get; }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _serving;
        }

        private async Task ServeAsync(Func<string, (int Code, string Text)> answer)
        {
            try
            {
                while (true)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    using var reader = new StreamReader(context.Request.InputStream);
                    (int code, string text) = answer($"{context.Request.Headers["Authorization"]} {await reader.ReadToEndAsync()}");
                    context.Response.StatusCode = code;
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
                    context.Response.Close();
                }
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
