using Microsoft.Extensions.Configuration;
using SlimtaFast.Edge;
using SlimtaFast.Protocol;
using SlimtaFast.Server.Configuration;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class AuthSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Nothing_is_offered_by_default()
    {
        ServeSettings settings = Read([], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.False(settings.Auth.IsEnabled);
        Assert.Null(settings.Delivery.Client.Credentials);
    }

    [Theory]
    [InlineData("Auth:Users", "/nonexistent/users")]
    [InlineData("Auth:Mechanisms", "PLAIN,NTLM")]
    [InlineData("Auth:AllowPlaintext", "perhaps")]
    [InlineData("Auth:Required", "true")]
    [InlineData("Auth:MaxFailures", "0")]
    [InlineData("Auth:MaxFailuresPerAddress", "-1")]
    [InlineData("Auth:MaxFailuresPerAccount", "-1")]
    [InlineData("Auth:FailureMemory", "x")]
    [InlineData("Auth:LoginMemory", "x")]
    [InlineData("Auth:FailureDelay", "1")]
    [InlineData("Auth:MaxFailureDelay", "x")]
    [InlineData("Auth:SuccessMemory", "x")]
    [InlineData("Auth:Introspection:Url", "http://issuer.test/introspect")]
    [InlineData("Delivery:UserName", "alice")]
    [InlineData("Delivery:AllowPlaintextAuth", "x")]
    public void Mistake_is_told_with_its_key(string key, string value)
    {
        Read([(key, value)], out IReadOnlyList<string> errors);
        Assert.StartsWith($"{key}: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_users_file_is_told_with_its_line()
    {
        File.WriteAllText(_folder["users"], "# comment\nalice:plain\n");
        Read([("Auth:Users", _folder["users"])], out IReadOnlyList<string> errors);
        Assert.Contains("line 2", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_tokens_go_together()
    {
        Read([("Auth:Jwt:Keys", "https://issuer.test/keys")], out IReadOnlyList<string> errors);
        Assert.Equal(["Auth:Jwt:Issuer", "Auth:Jwt:Audience"], errors.Select(static e => e[..e.IndexOf(": ", StringComparison.Ordinal)]));
        ServeSettings settings = Read([("Auth:Jwt:Keys", "https://issuer.test/keys"), ("Auth:Jwt:Issuer", "i"), ("Auth:Jwt:Audience", "a, b"), ("Auth:Jwt:IdentityClaim", "email")], out errors);
        Assert.Empty(errors);
        Assert.Equal(["a", "b"], settings.Auth.Jwt!.Audiences);
        Assert.Equal("email", settings.Auth.Jwt.IdentityClaim);
        Read([("Auth:Jwt:Keys", "http://issuer.test/keys"), ("Auth:Jwt:Issuer", "i"), ("Auth:Jwt:Audience", "a")], out errors);
        Assert.StartsWith("Auth:Jwt:Keys: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Introspection_takes_its_secret_from_a_file()
    {
        File.WriteAllText(_folder["secret"], "s\n");
        ServeSettings settings = Read(
            [("Auth:Introspection:Url", "https://issuer.test/i"), ("Auth:Introspection:ClientId", "us"), ("Auth:Introspection:ClientSecretFile", _folder["secret"])], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal("s", settings.Auth.Introspection!.ClientSecret);
    }

    [Fact]
    public async Task Credentials_are_for_one_next_hop_and_read_again_each_time()
    {
        File.WriteAllText(_folder["password"], "one\r\n");
        ServeSettings settings = Read([("Relay", "smtp://192.0.2.1:587"), ("Delivery:UserName", "alice"), ("Delivery:PasswordFile", _folder["password"])], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        SmtpCredentials credentials = settings.Delivery.Client.Credentials!;
        Assert.Equal("one", await credentials.GetSecretAsync(default));
        File.WriteAllText(_folder["password"], "two");
        Assert.Equal("two", await credentials.GetSecretAsync(default));
        Assert.False(credentials.IsToken || credentials.AllowPlaintext);
        Read([("Delivery:UserName", "alice"), ("Delivery:Password", "x")], out errors);
        Assert.StartsWith("Delivery:UserName: ", Assert.Single(errors), StringComparison.Ordinal);
        Read([("Relay", "smtp://192.0.2.1:587"), ("Delivery:UserName", "alice"), ("Delivery:TokenFile", "/nonexistent/token")], out errors);
        Assert.StartsWith("Delivery:TokenFile: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Mechanisms_are_kept_in_their_order()
    {
        File.WriteAllText(_folder["users"], UsersFile.Parse("").ToString());
        ServeSettings settings = Read([("Auth:Users", _folder["users"]), ("Auth:Mechanisms", "login, scram-sha-256")], out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        Assert.Equal(["LOGIN", "SCRAM-SHA-256"], settings.Auth.Options.Mechanisms!);
    }

    public void Dispose() => _folder.Dispose();

    private static ServeSettings Read(IEnumerable<(string Key, string Value)> values, out IReadOnlyList<string> errors) =>
        ServeSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Build(), out errors);
}
