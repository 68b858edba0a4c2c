using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Tests;

public sealed class VersionRangeTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(1, 2, 2, 3, 2)]
    [InlineData(1, 5, 2, 3, 3)]
    [InlineData(1, 1, 2, 2, null)]
    [InlineData(3, 4, 1, 2, null)]
    public void The_highest_version_of_both_is_chosen(int low, int high, int otherLow, int otherHigh, int? common)
    {
        var (one, other) = (new VersionRange(low, high), new VersionRange(otherLow, otherHigh));
        Assert.Equal(common, one.Common(other));
        Assert.Equal(common, other.Common(one));
    }
}
