using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

public sealed class DeliveryStateTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public void Initial_state_is_open_for_all_recipients(int recipients, bool closed)
    {
        DeliveryState state = DeliveryState.Initial(Envelopes.Received, recipients);
        Assert.Equal((0, 0, recipients, Envelopes.Received), (state.Version, state.Attempts, state.Recipients.Count, state.DueAt));
        Assert.All(state.Recipients, static status => Assert.Equal((RecipientPhase.Open, true), (status.Phase, status.LastReply.IsNone)));
        Assert.Equal(closed, state.IsClosed);
    }

    [Fact]
    public void State_is_closed_once_no_recipient_is_open()
    {
        DeliveryState state = DeliveryState.Initial(Envelopes.Received, 2);
        var delivered = new RecipientStatus(RecipientPhase.Delivered);
        Assert.False((state with { Recipients = [delivered, default] }).IsClosed);
        Assert.True((state with { Recipients = [delivered, new RecipientStatus(RecipientPhase.Failed)] }).IsClosed);
    }
}
