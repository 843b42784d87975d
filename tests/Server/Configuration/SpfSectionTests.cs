using Microsoft.Extensions.Configuration;
using SlimtaFast.Edge;
using SlimtaFast.MailAuth;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Tests.Configuration;

public sealed class SpfSectionTests
{
    [Fact]
    public void Nothing_is_checked_by_default() => Assert.Equal(SpfSetting.Off, Read([]).Spf.Check);

    [Fact]
    public void Every_key_is_understood()
    {
        SpfSettings spf = Read([
            ("HostName", "mx.example.org"), ("Spf:Check", "recipient"), ("Spf:Fail", "550 5.7.1 Access denied; {reason}"), ("Spf:SoftFail", "header X-Note: {result}"), ("Spf:TempError", "greylist"),
            ("Spf:Hello", "false"), ("Spf:AllowNetworks", "192.0.2.0/24"), ("Spf:AllowSenders", "a@example.org, example.net, .example.com"), ("Spf:Timeout", "25s"), ("Spf:MaxVoidLookups", "4"),
            ("Spf:GreylistDelay", "1m"),
        ]).Spf;
        Assert.Equal(SpfStage.Recipient, spf.Options.Stage);
        Assert.Equal(SpfActionKind.Reply, spf.Options.Actions[MailAuthResult.Fail].Kind);
        Assert.Equal(SpfActionKind.AddHeader, spf.Options.Actions[MailAuthResult.SoftFail].Kind);
        Assert.Equal(SpfActionKind.Greylist, spf.Options.Actions[MailAuthResult.TempError].Kind);
        Assert.Equal(SpfActionKind.Accept, spf.Options.Actions[MailAuthResult.Pass].Kind);
        Assert.False(spf.Options.ChecksHello);
        Assert.Equal(["a@example.org", "example.net", ".example.com"], spf.Options.AllowSenders);
        Assert.Equal("mx.example.org", spf.Options.ServerId);
        Assert.Equal("mx.example.org", spf.Evaluation.Receiver);
        Assert.Equal(TimeSpan.FromSeconds(25), spf.Evaluation.Timeout);
        Assert.Equal(4, spf.Evaluation.MaxVoidLookups);
        Assert.Equal(TimeSpan.FromMinutes(1), spf.Options.GreylistDelay);
    }

    [Theory]
    [InlineData("Check", "perhaps")]
    [InlineData("Fail", "refuse")]
    [InlineData("Fail", "550 5.7.1 {colour}")]
    [InlineData("Fail", "550 4.7.1 no")]
    [InlineData("Fail", "220 2.0.0 no")]
    [InlineData("SoftFail", "header X Y: z")]
    [InlineData("SoftFail", "header X-Note")]
    [InlineData("Hello", "maybe")]
    [InlineData("AllowNetworks", "everybody")]
    [InlineData("AllowSenders", "a@")]
    [InlineData("AllowSenders", "not a domain")]
    [InlineData("ServerId", "not a name")]
    [InlineData("Timeout", "soon")]
    [InlineData("MaxVoidLookups", "11")]
    [InlineData("GreylistDelay", "0")]
    [InlineData("MaxGreylisted", "0")]
    [InlineData("Failure", "accept")]
    public void Mistake_is_told_with_its_key(string key, string value)
    {
        ServeSettings.Read(Build([($"Spf:{key}", value)]), out IReadOnlyList<string> errors);
        Assert.StartsWith($"Spf:{key}: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    private static ServeSettings Read((string Key, string Value)[] given)
    {
        ServeSettings settings = ServeSettings.Read(Build(given), out IReadOnlyList<string> errors);
        Assert.Empty(errors);
        return settings;
    }

    private static IConfigurationRoot Build((string Key, string Value)[] given) =>
        new ConfigurationBuilder().AddInMemoryCollection(given.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
}
