using SlimtaFast.Protocol.Session;

namespace SlimtaFast.Protocol.Tests.Session;

public class ProtocolNameTests
{
    [Theory]
    [InlineData(false, false, false, true, true, "SMTP")]
    [InlineData(false, true, false, false, false, "ESMTP")]
    [InlineData(false, true, false, true, false, "ESMTPS")]
    [InlineData(false, true, false, false, true, "ESMTPA")]
    [InlineData(false, true, false, true, true, "ESMTPSA")]
    [InlineData(false, true, true, true, true, "UTF8SMTPSA")]
    [InlineData(true, true, false, false, false, "LMTP")]
    [InlineData(true, true, false, true, false, "LMTPS")]
    [InlineData(true, true, false, false, true, "LMTPA")]
    [InlineData(true, true, false, true, true, "LMTPSA")]
    [InlineData(true, true, true, false, false, "UTF8LMTP")]
    [InlineData(true, true, true, true, true, "UTF8LMTPSA")]
    public void Names_are_the_registered_ones(bool isLmtp, bool isExtended, bool usesUtf8, bool isSecure, bool isAuthenticated, string name) =>
        Assert.Equal(name, ProtocolName.Get(isLmtp, isExtended, usesUtf8, isSecure, isAuthenticated));
}
