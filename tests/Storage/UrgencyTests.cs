using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Storage.Tests;

public class UrgencyTests
{
    [Fact]
    public void Each_urgency_is_an_octet_that_is_read_as_what_it_was()
    {
        for (int priority = DeliveryTerms.LowestPriority; priority <= DeliveryTerms.HighestPriority; priority++)
        {
            foreach (DeliverBy? by in new[] { null, new DeliverBy(Envelopes.Received, DeliverByMode.Notify), new DeliverBy(Envelopes.Received, DeliverByMode.Notify, IsPast: true) })
            {
                using var content = new Reference();
                Urgency urgency = Urgency.Of(Envelopes.Make(content.Content) with { Terms = new DeliveryTerms { Priority = priority, By = by } });
                Assert.Equal((priority, by is { IsPast: false }), (urgency.Priority, urgency.HasDeadline));
                Assert.Equal(urgency, Urgency.FromOctet(urgency.Octet));
            }
        }
    }

    [Fact]
    public void Message_without_terms_has_the_default()
    {
        using var content = new Reference();
        Assert.Equal(default, Urgency.Of(Envelopes.Make(content.Content)));
        Assert.Equal((0, false), (default(Urgency).Priority, default(Urgency).HasDeadline));
    }

    [Fact]
    public void Any_octet_is_read_as_a_priority_that_exists()
    {
        for (int octet = 0; octet < 256; octet++)
            Assert.InRange(Urgency.FromOctet((byte)octet).Priority, DeliveryTerms.LowestPriority, DeliveryTerms.HighestPriority);
    }

    private sealed class Reference : IDisposable
    {
        public MessageContent Content { get; } = Contents.InMemory();

        public void Dispose() => Content.Release();
    }
}
