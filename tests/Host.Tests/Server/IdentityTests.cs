using System.Net.Sockets;
using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Daemon.Api;
using VioActors.Daemon.Security;

namespace VioActors.Host.Tests.Server;

/// <summary>Authority, leaves, tokens and peer credentials, without a server.</summary>
public sealed class IdentityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vio-test-").FullName;
    private readonly ShiftedClock _clock = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_root_is_made_once_and_its_key_is_private()
    {
        using var first = SiteAuthority.LoadOrCreate(_directory, "test", _clock);
        using var again = SiteAuthority.LoadOrCreate(_directory, "test", _clock);
        Assert.Equal(first.Trust.Site, again.Trust.Site);
        Assert.Equal(first.Trust.RootKeySha256, again.Trust.RootKeySha256);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "site-ca.key")));
    }

    [Fact]
    public void A_leaf_says_who_it_is_and_passes_only_in_its_time()
    {
        using var authority = SiteAuthority.LoadOrCreate(_directory, "test", _clock);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = authority.IssueAgent(TestSite.Csr(key), HostId.From("h-1"));
        var now = _clock.GetUtcNow();
        Assert.Equal(new LeafIdentity(authority.Trust.Site, LeafRole.Agent, "h-1"), authority.Trust.Check(leaf, now).Identity);
        Assert.Contains("valid from", authority.Trust.Check(leaf, now.AddHours(-1)).Denied);
        Assert.Contains("ended at", authority.Trust.Check(leaf, now.AddDays(8)).Denied);
        Assert.NotNull(authority.Trust.Check(leaf, now.AddDays(8), SiteTrust.RenewalGrace).Identity);
        Assert.Null(authority.Trust.Check(leaf, now.AddDays(38), SiteTrust.RenewalGrace).Identity);
    }

    [Fact]
    public void A_leaf_of_another_site_is_denied()
    {
        using var ours = SiteAuthority.LoadOrCreate(_directory, "test", _clock);
        var other = Directory.CreateDirectory(Path.Combine(_directory, "other")).FullName;
        using var theirs = SiteAuthority.LoadOrCreate(other, "test", _clock);
        using var leaf = theirs.IssueServer("s", ["localhost"]);
        Assert.Contains("not issued by the CA", ours.Trust.Check(leaf, _clock.GetUtcNow()).Denied);
    }

    [Fact]
    public void A_request_for_another_kind_of_key_is_refused()
    {
        using var authority = SiteAuthority.LoadOrCreate(_directory, "test", _clock);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<FormatException>(() => authority.IssueAgent(TestSite.Csr(key), HostId.From("h-1")));
        Assert.Throws<FormatException>(() => authority.IssueAgent("garbage", HostId.From("h-1")));
    }

    [Fact]
    public void A_join_token_survives_printing_and_shows_no_secret()
    {
        var token = NewToken();
        var read = JoinToken.Parse(token.Print().ToUpperInvariant());
        Assert.Equal(token.Secret, read.Secret);
        Assert.Equal(token.CaSha256, read.CaSha256);
        Assert.Equal((token.Id, token.HostName, token.ExpiresAt, token.Server), (read.Id, read.HostName, read.ExpiresAt, read.Server));
        Assert.DoesNotContain(Convert.ToHexStringLower(token.Secret), token.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistyped_letter_of_a_join_token_is_found()
    {
        var text = NewToken().Print();
        for (var i = 0; i < text.Length - 1; i++)
        {
            var wrong = text[i] == 'a' ? 'b' : 'a';
            Assert.Throws<FormatException>(() => JoinToken.Parse(text[..i] + wrong + text[(i + 1)..]));
            Assert.Throws<FormatException>(() => JoinToken.Parse(text[..i]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(32)]
    public void Base_32_comes_back(int length)
    {
        var octets = RandomNumberGenerator.GetBytes(length);
        Assert.Equal(octets, Base32.Decode(Base32.Encode(octets)));
    }

    [Fact]
    public void The_kernel_says_who_is_at_the_other_end()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = new UnixDomainSocketEndPoint(Path.Combine(_directory, "s"));
        listener.Bind(path);
        listener.Listen(1);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(path);
        using var accepted = listener.Accept();
        var peer = PeerCredentials.Of(accepted)!;
        Assert.Equal(Environment.ProcessId, peer.ProcessId);
        Assert.True(Callers.IsAdministrator(peer.UserId));
        Assert.False(Callers.IsAdministrator(peer.UserId + 54_321));
    }

    private JoinToken NewToken() => new(
        RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(16), Role.Agent, "rack-1",
        DateTimeOffset.FromUnixTimeSeconds(_clock.GetUtcNow().ToUnixTimeSeconds()), "10.0.0.1:7443");
}
