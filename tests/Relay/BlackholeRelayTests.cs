using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Relay.Tests;

public class BlackholeRelayTests
{
    [Fact]
    public async Task Attempt_any_message_is_delivered_to_all()
    {
        await using var relay = new BlackholeRelay();
        Envelope envelope = Envelopes.Make(Contents.InMemory(), to: ["a@x.example", "b@y.example"]);
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        Assert.Equal(2, report.Outcomes.Count);
        Assert.All(report.Outcomes, static outcome => Assert.Equal(OutcomeKind.Delivered, outcome.Kind));
        Assert.Equal(relay.GetNextHop("a.example"), relay.GetNextHop("b.example"));
    }
}
