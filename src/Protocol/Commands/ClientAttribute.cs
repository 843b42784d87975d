namespace SlimtaFast.Protocol.Commands;

/// <summary>What XCLIENT and XFORWARD can tell of a client.</summary>
[Flags]
internal enum ClientAttribute
{
    None = 0,
    Name = 1 << 0,
    Addr = 1 << 1,
    Port = 1 << 2,
    Proto = 1 << 3,
    Helo = 1 << 4,
    Login = 1 << 5,
    DestAddr = 1 << 6,
    DestPort = 1 << 7,
    Ident = 1 << 8,
    Source = 1 << 9,

    /// <summary>All that XCLIENT knows.</summary>
    Xclient = Name | Addr | Port | Proto | Helo | Login | DestAddr | DestPort,

    /// <summary>All that XFORWARD knows.</summary>
    Xforward = Name | Addr | Port | Proto | Helo | Ident | Source,
}
