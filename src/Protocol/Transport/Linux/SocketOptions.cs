namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>Levels and numbers of the socket options in use, the same on x64 and arm64.</summary>
internal static class SocketOptions
{
    public const int SocketLevel = 1;
    public const int ReuseAddress = 2;
    public const int Error = 4;
    public const int Linger = 13;
    public const int IpLevel = 0;
    public const int BindAddressNoPort = 24;
    public const int TcpLevel = 6;
    public const int NoDelay = 1;
    public const int Ip6Level = 41;
    public const int Ip6Only = 26;
}
