namespace SlimtaFast.Protocol;

/// <summary>Where a client sent more although it had to wait for our reply (RFC 2920 section 3.1); in logs and metrics.</summary>
public enum EarlyInput
{
    /// <summary>Before the greeting.</summary>
    BeforeGreeting,

    /// <summary>Behind EHLO, HELO or LHLO.</summary>
    AfterHello,

    /// <summary>Behind DATA: the content came before 354.</summary>
    AfterData,

    /// <summary>Behind NOOP.</summary>
    AfterNoop,

    /// <summary>Behind VRFY or EXPN.</summary>
    AfterVerify,

    /// <summary>Behind QUIT, where nobody reads it.</summary>
    AfterQuit,

    /// <summary>Behind another command of a client that said HELO, to which PIPELINING was never announced.</summary>
    NotOffered,
}
