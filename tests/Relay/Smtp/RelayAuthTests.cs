using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.TestKit.Smtp;

namespace SlimtaFast.Relay.Tests.Smtp;

/// <summary>Credentials of a static relay.</summary>
public class RelayAuthTests
{
    private static readonly SmtpRelayOptions Options = new() { Client = new SmtpClientOptions { Credentials = new SmtpCredentials("tim", "pencil") { AllowPlaintext = true } } };

    [Fact]
    public async Task Connection_authenticates_once_for_all_its_messages()
    {
        ScriptedServer server = new ScriptedServer { Extensions = ["AUTH PLAIN"] }.On("AUTH", "235 2.7.0 Ok");
        await using var fixture = new RelayFixture(server, Options);
        await fixture.SendAsync();
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal(OutcomeKind.Delivered, Assert.Single(report.Outcomes).Kind);
        Assert.Single(server.Commands, static command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("535 5.7.8 Wrong")]
    [InlineData("454 4.7.0 Later")]
    [InlineData("504 5.5.4 What")]
    public async Task Refused_credentials_let_the_mail_wait(string answer)
    {
        ScriptedServer server = new ScriptedServer { Extensions = ["AUTH PLAIN"] }.On("AUTH", answer);
        await using var fixture = new RelayFixture(server, Options);
        DeliveryReport report = await fixture.SendAsync();
        RecipientOutcome outcome = Assert.Single(report.Outcomes);
        Assert.Equal((OutcomeKind.Transient, answer), (outcome.Kind, outcome.Reply.ToString()));
        Assert.Equal(HopCondition.Down, report.Hop);
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task Secret_is_never_shown_in_clear_where_that_is_not_allowed()
    {
        var server = new ScriptedServer { Extensions = ["AUTH PLAIN LOGIN"] };
        await using var fixture = new RelayFixture(server, new SmtpRelayOptions { Client = new SmtpClientOptions { Credentials = new SmtpCredentials("tim", "pencil") } });
        DeliveryReport report = await fixture.SendAsync();
        Assert.Equal((OutcomeKind.Transient, HopCondition.Down), (Assert.Single(report.Outcomes).Kind, report.Hop));
        Assert.DoesNotContain(server.Commands, static command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }
}
