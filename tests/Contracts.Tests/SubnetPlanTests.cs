using System.Net;
using VioActors.Contracts.Networks;

namespace VioActors.Contracts.Tests;

public sealed class SubnetPlanTests
{
    [Theory]
    [InlineData("10.10.0.0/24", 16, 238)]
    [InlineData("10.0.0.16/28", 4, 10)]
    [InlineData("10.0.0.32/27", 8, 22)]
    [InlineData("172.16.0.0/16", 16, 65_518)]
    public void Probers_get_the_top_and_nodes_the_rest(string cidr, int probers, int nodes)
    {
        var plan = Read(cidr);
        Assert.Equal(cidr, plan.ToString());
        Assert.Equal((probers, nodes), (plan.ProberCount, plan.NodeCount));
        // Network, broadcast, nodes and probers are the whole subnet, and no address is two of them.
        Assert.Equal(plan.Size, (uint)(2 + probers + nodes));
        for (var i = 0; i < probers; i++)
        {
            Assert.True(Ipv4.TryParse(plan.ProberIp(i), out var address));
            Assert.True(plan.Contains(address) && !plan.IsForNodes(address) && address != plan.Broadcast);
        }
        Assert.Equal((probers - 1, plan.ProberIp(probers - 1)), (plan.HostCount, plan.ServiceIp));
        Assert.False(plan.IsForNodes(plan.Network) || plan.IsForNodes(plan.Broadcast));
        Assert.True(plan.IsForNodes(plan.FirstNode) && plan.IsForNodes(plan.LastNode));
        Assert.False(plan.Contains(plan.Network - 1) || plan.Contains(plan.Broadcast + 1));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.10.0.0")]
    [InlineData("10.10.0.0/15")]
    [InlineData("10.10.0.0/29")]
    [InlineData("10.10.0.0/ 24")]
    [InlineData("010.10.0.0/24")]
    [InlineData("10.10.0.256/24")]
    [InlineData("127.0.0.0/24")]
    [InlineData("0.0.0.0/16")]
    [InlineData("224.0.0.0/24")]
    public void Other_text_is_no_subnet(string? text)
    {
        Assert.Null(SubnetPlan.Read(text, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Bits_beyond_the_prefix_are_told_with_the_right_text()
    {
        Assert.Null(SubnetPlan.Read("10.10.0.7/24", out var problem));
        Assert.Contains("write 10.10.0.0/24", problem);
    }

    [Fact]
    public void Prober_macs_differ_and_are_locally_administered() =>
        Assert.Equal(16, Enumerable.Range(0, 16).Select(SubnetPlan.ProberMac).Where(
            mac => mac.StartsWith("0a:56:49:4f:00:", StringComparison.Ordinal) && mac.Length == 17).Distinct().Count());

    [Fact]
    public void An_environment_has_a_private_ipv6_prefix_of_its_own()
    {
        var first = IPAddress.Parse(PrivatePrefix.AddressOf(EnvironmentId.From("s01.a"), "10.1.0.255"));
        var second = IPAddress.Parse(PrivatePrefix.AddressOf(EnvironmentId.From("s01.b"), "10.1.0.255"));
        Assert.True(first.IsIPv6UniqueLocal && second.IsIPv6UniqueLocal && !first.Equals(second));
        Assert.Equal((byte[])[0, 0, 0, 0, 10, 1, 0, 255], first.GetAddressBytes()[8..]);
        Assert.Equal(first.ToString(), PrivatePrefix.AddressOf(EnvironmentId.From("s01.a"), "10.1.0.255"));
        Assert.Throws<FormatException>(() => PrivatePrefix.AddressOf(EnvironmentId.From("s01.a"), "x"));
    }

    private static SubnetPlan Read(string cidr) =>
        SubnetPlan.Read(cidr, out var problem) ?? throw new InvalidOperationException($"{cidr} {problem}");
}
