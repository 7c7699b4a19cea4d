import { CustomWidget, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { BOARD_WIDGET_COLUMNS, BOARD_WIDGET_ROWS } from './limits.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/**
 * The sale's dashboard: one widget, the live screen. The console calls the function as the viewer, who needs
 * `lambda:InvokeFunction` on it, so there is no public endpoint. The viewer sets how often it is called (the dashboard's auto
 * refresh, at least 10 s). A change of the time range causes no call, because the screen does not depend on it.
 */
export const saleDashboard = (scope: Construct, id: string, board: PipelineFunction): Dashboard => {
  const dashboard = new Dashboard(scope, id);
  dashboard.addWidgets(
    new CustomWidget({
      title: 'Sale',
      functionArn: board.function.functionArn,
      width: BOARD_WIDGET_COLUMNS,
      height: BOARD_WIDGET_ROWS,
      updateOnRefresh: true,
      updateOnResize: true,
      updateOnTimeRangeChange: false,
    }),
  );
  return dashboard;
};
