using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay.Tests.Pipe;

public sealed class FrontFieldsTests
{
    [Fact]
    public void Fields_name_sender_and_recipient()
    {
        Assert.Equal(
            "Return-Path: <a@b.example>\r\nDelivered-To: \"x y\"@z.example\r\n",
            Encoding.UTF8.GetString(FrontFields.Make(Mailbox.Parse("a@b.example"), Mailbox.Parse("\"x y\"@z.example"))));
        Assert.Equal("Return-Path: <>\r\n", Encoding.UTF8.GetString(FrontFields.Make(Mailbox.Null, null)));
        Assert.Empty(FrontFields.Make(null, null));
    }

    [Fact]
    public void Addresses_of_earlier_deliveries_are_found_in_the_header_only()
    {
        IReadOnlySet<string> found = DeliveredBefore.Find(
            "Received: x\r\nDELIVERED-TO:  Bob@Example.org \r\nDelivered-To: c@d.example\r\nSubject: s\r\n\r\nDelivered-To: e@f.example\r\n"u8);
        Assert.Equal(2, found.Count);
        Assert.Contains("bob@example.ORG", found);
        Assert.Contains("c@d.example", found);
    }
}
