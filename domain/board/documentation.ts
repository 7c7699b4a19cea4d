/** The widget's documentation, which the console shows on request, in Markdown. */
export const DOCUMENTATION = `## The sale, live

The screen of a campaign: net sales beside last year's, brands, channels, coupons, the experiment, free orders, and the time up
to which all of it is complete. The screen is read from the pipeline's rollups each time; set the dashboard's auto refresh to 10 seconds.

### Parameters

| parameter | meaning | if left out |
|---|---|---|
| \`campaign\` | the campaign's id | the campaign that is on, else the next one to come, else the last one that is over; of several, one with \`compareWith\` |
| \`locale\` | \`zh-CN\` or \`en\` | the sale's own, else the console's language |
| \`theme\` | \`dark\`, \`light\` or \`auto\` | the console's theme |
| \`utcOffset\` | the offset from UTC of the times shown, such as \`+08:00\` | the sale's own, else the dashboard's time zone |

### Example

\`\`\`yaml
campaign: double-eleven-2026
locale: zh-CN
theme: dark
\`\`\`
`;
