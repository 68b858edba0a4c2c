using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("64MiB", 64)]
    [InlineData("1GiB", 1024)]
    [InlineData("2048KiB", 2)]
    [InlineData("1TiB", 1 << 20)]
    [InlineData("1 GiB", 1024)]
    public void Reads_sizes(string text, int mib) => Assert.Equal(mib, Units.MiB(text));

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("256")]
    [InlineData("256MB")]
    [InlineData("-1MiB")]
    [InlineData("1.5GiB")]
    [InlineData("0MiB")]
    [InlineData("1KiB")]
    [InlineData("99999999999999999999MiB")]
    [InlineData("9223372036854775807TiB")]
    public void Refuses_other_sizes(string text) => Assert.Throws<FormatException>(() => Units.MiB(text));

    [Theory]
    [InlineData("10ms", 10)]
    [InlineData("60s", 60_000)]
    [InlineData("2m", 120_000)]
    [InlineData("24h", 86_400_000)]
    public void Reads_times(string text, int milliseconds) =>
        Assert.Equal(milliseconds, Units.Time(text).TotalMilliseconds);

    [Theory]
    [InlineData("60")]
    [InlineData("25h")]
    [InlineData("1d")]
    [InlineData("s")]
    public void Refuses_other_times(string text) => Assert.Throws<FormatException>(() => Units.Time(text));

    [Theory]
    [InlineData("50%", 50)]
    [InlineData("250", 250)]
    [InlineData("none", null)]
    public void Reads_limits(string text, int? percent) => Assert.Equal(percent, Units.Percent(text));
}
